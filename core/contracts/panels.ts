/** Panels of the analytics: what of them can be proved, and why one is empty. */
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
  ...['segment-customers', 'segment-revenue', 'fitted', 'retained', 'cohort-revenue'],
  ...['forecast-days', 'forecast-past', 'incidents-open', 'incidents', 'anomalies', 'anomaly-newest'],
  ...['pace-forecast', 'pace-so-far'],
] as const
export type ProvedClaim = (typeof PROVED_CLAIMS)[number]

/**
 * `exact`: no difference. `since`: it is of a moment, and orders have come or changed since. `moving`: batches landed between
 * the two readings. `apart`: none of that explains it.
 */
export const VERDICTS = ['exact', 'since', 'moving', 'apart'] as const
export type Verdict = (typeof VERDICTS)[number]
