/** What the outlook shows out of the api's answer. Floats are right here: they become pixels, or are ratios. */
import type { PanelAbsence } from '../../../core/contracts/panels.ts'

export const SERIES = ['revenue', 'orders', 'ticket'] as const
export type SeriesId = (typeof SERIES)[number]
export const STEPS = ['day', 'week'] as const
export type Step = (typeof STEPS)[number]
const SPLITS = ['source', 'region', 'country', 'category', 'product'] as const
export type Split = (typeof SPLITS)[number]

export interface Choice {
  series: SeriesId
  by: string
  key: string
}

export interface Accuracy {
  wape: number | null
  smape: number | null
  mase: number | null
}

export interface OutlookPoint {
  /** Of a week its Monday. */
  day: string
  value: string
  low80: string
  high80: string
  low95: string
  high95: string
}

export interface OutlookAnswer extends Choice {
  step: Step
  currency: string
  forecast: {
    cutOff: string
    current: boolean
    madeAt: string
    history: { days: number }
    methods: { method: string; weight: number }[]
    fallback: string | null
    backtest: {
      origins: number
      combination: Accuracy
      seasonalNaive: Accuracy
      naive: Accuracy
      coverage80: number | null
      coverage95: number | null
    }
    points: OutlookPoint[]
  } | null
  past: { day: string; value: string | null }[]
  choices: Choice[]
  absence: PanelAbsence | null
}

export const whole = (series: SeriesId): Choice => ({ series, by: 'all', key: '' })

export function questionOf({ series, by, key }: Choice, step: Step): string {
  return new URLSearchParams({ step, series, by, ...(key !== '' && { key }) }).toString()
}

/** To know a part again, whatever is forecast of it. */
export const partOf = ({ by, key }: Choice) => `${by}/${key}`

/** What one series is split into; what has nothing is left out. */
export function splitsOf(choices: readonly Choice[], series: SeriesId): { by: Split; parts: Choice[] }[] {
  return SPLITS.map((by) => ({
    by,
    parts: choices.filter((one) => one.series === series && one.by === by),
  })).filter(({ parts }) => parts.length > 0)
}

/** The same part of another series; all of it where that part has none. */
export function samePart(choices: readonly Choice[], chosen: Choice, series: SeriesId): Choice {
  const same = choices.find((one) => one.series === series && partOf(one) === partOf(chosen))
  return same ?? whole(series)
}

type Line = (number | null)[]
export interface OutlookColumns {
  days: string[]
  past: Line
  expected: Line
  low80: Line
  high80: Line
  low95: Line
  high95: Line
}

/** One after the other: what came, then what is expected. */
export function outlookColumns(past: OutlookAnswer['past'], points: readonly OutlookPoint[]): OutlookColumns {
  const ahead = (boundOf: (point: OutlookPoint) => string): Line => [
    ...past.map(() => null),
    ...points.map((point) => Number(boundOf(point))),
  ]
  return {
    days: [...past, ...points].map(({ day }) => day),
    past: [...past.map(({ value }) => (value === null ? null : Number(value))), ...points.map(() => null)],
    expected: ahead(({ value }) => value),
    low80: ahead(({ low80 }) => low80),
    high80: ahead(({ high80 }) => high80),
    low95: ahead(({ low95 }) => low95),
    high95: ahead(({ high95 }) => high95),
  }
}
