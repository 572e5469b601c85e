/** The settings of what is called unusual. They hold for each tenant by itself. */
import { z } from 'zod'

export const ANOMALY_ENGINES = ['own', 'isolation-forest'] as const
export type AnomalyEngineName = (typeof ANOMALY_ENGINES)[number]

export interface AnomalyConfig {
  engine: AnomalyEngineName
  /** Share of orders that is expected to be wrong. */
  contamination: number
  /** Orders of a day that people can look at: no more are told. */
  dailyBudget: number
}

export const ANOMALY_VARIABLES = [
  {
    name: 'REVWALL_ANOMALY_ENGINE',
    fallback: 'own',
    meaning: 'own or isolation-forest (the package, for small shops)',
  },
  {
    name: 'REVWALL_ANOMALY_SHARE',
    fallback: '0.002',
    meaning: 'share of orders that is expected to be wrong',
  },
  {
    name: 'REVWALL_ANOMALY_DAILY_BUDGET',
    fallback: '20',
    meaning: 'unusual orders told a day and tenant; 0 tells none',
  },
]

export const anomalyVariables = {
  REVWALL_ANOMALY_ENGINE: z.enum(ANOMALY_ENGINES, { error: 'own or isolation-forest' }).default('own'),
  REVWALL_ANOMALY_SHARE: z.coerce
    .number({ error: 'a number' })
    .positive('above 0')
    .max(0.5, 'at most 0.5')
    .default(0.002),
  REVWALL_ANOMALY_DAILY_BUDGET: z.coerce
    .number({ error: 'a whole number' })
    .int('a whole number')
    .min(0, 'at least 0')
    .max(10_000, 'at most 10000')
    .default(20),
}

export function anomalyOf(v: z.output<z.ZodObject<typeof anomalyVariables>>): AnomalyConfig {
  return {
    engine: v.REVWALL_ANOMALY_ENGINE,
    contamination: v.REVWALL_ANOMALY_SHARE,
    dailyBudget: v.REVWALL_ANOMALY_DAILY_BUDGET,
  }
}
