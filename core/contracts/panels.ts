/** Panels of the analytics: why one has nothing, and what of them can be proved. */
import { z } from 'zod'

/**
 * `off`: nothing is computed here, what is told is what was. `orders`: there are none yet. `customers`: no order names its
 * customer. `mode`: kept for the live division alone. `history`: `have` of `need` complete days. `learning`: `have` of `need` orders. `waiting`: nothing is missing, it is
 * being computed.
 */
export const PANEL_ABSENCES = [
  'off',
  'orders',
  'customers',
  'history',
  'learning',
  'mode',
  'waiting',
] as const
export const panelAbsence = z.object({
  reason: z.enum(PANEL_ABSENCES),
  have: z.number(),
  need: z.number(),
})
export type PanelAbsence = z.infer<typeof panelAbsence>

export const PROVED_PANELS = [
  'segments',
  'values',
  'retention',
  'forecast',
  'incidents',
  'anomalies',
  'pace',
] as const
export type ProvedPanel = (typeof PROVED_PANELS)[number]

export const PROVED_CLAIMS = [
  ...['segment-customers', 'segment-revenue', 'fitted', 'expected-orders', 'expected-value'],
  ...['retained', 'cohort-revenue', 'forecast-days', 'forecast-past', 'incidents-open', 'incidents'],
  ...['incident-newest', 'anomalies', 'anomaly-newest', 'pace-forecast', 'pace-so-far'],
] as const
export type ProvedClaim = (typeof PROVED_CLAIMS)[number]

/**
 * `exact`: no difference. `since`: it is of a moment, and orders have come or changed since. `moving`: batches landed between
 * the two readings. `apart`: none of that explains it.
 */
export const VERDICTS = ['exact', 'since', 'moving', 'apart'] as const
export type Verdict = (typeof VERDICTS)[number]
