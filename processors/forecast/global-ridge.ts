/**
 * One linear model for all series: ridge regression (Hoerl and Kennard 1970), one for each step ahead, of what comes relative
 * to the series' own level, on its lags, its year before and the calendar. What a short series cannot say the others do.
 *
 * A row is a series seen from one moment. Target: value h steps ahead ÷ level − 1, the level being the mean of the last four
 * rounds (a round is a week: 7 days, or 1 value of a weekly series). Features, all relative to the level: the last two
 * values of the same weekday, the last round, the last quarter; the value a year before the target ÷ the level of then, and
 * whether it is known; the seasonal index at the target against that of the level; two waves a year. Scale does not
 * matter, so shops and products of any size are rows of one table. Features are standardised; targets beyond four levels are cut.
 *
 * Limits: moments without a level above 0 are left out; at most MAX_ROWS rows, evenly spread. Nothing later than
 * the end of a series is looked at.
 */
import { type Fitted, finiteOr, isPositive, type SeasonalIndex } from './forecast-method.ts'
import { solvePositive } from './solve-positive.ts'

export interface RidgeSeries {
  /** Without gaps. */
  values: Float64Array
  /** Position in the year of the first value, of `year` positions. */
  phase: number
  /** Of a year, as seen from the first value. */
  index?: SeasonalIndex
}

export interface RidgeCalendar {
  /** Values a round: 7 for days, 1 for weeks. */
  round: number
  /** Values a year, whole rounds: 364 or 52. */
  year: number
}

export interface RidgeModel extends RidgeCalendar {
  /** For each step ahead: intercept and a coefficient for each feature. */
  coefficients: Float64Array[]
}

const FEATURES = 11
const LEVEL_ROUNDS = 4
const QUARTER_ROUNDS = 13
const MAX_ROWS = 3_000
/** Fewer tell nothing of eleven features. */
const MIN_ROWS = 60
/** As a share of the rows: features are standardised, so it is a mild pull towards 0. */
const PENALTY = 0.02
const MAX_TARGET = 4

/** Null where the series are too few or too short. */
export function trainRidge(
  series: readonly RidgeSeries[],
  horizon: number,
  calendar: RidgeCalendar,
): RidgeModel | null {
  const all = series.map(summed)
  const coefficients: Float64Array[] = []
  for (let h = 0; h < horizon; h++) {
    const found = fitStep(all, h, calendar)
    if (!found) return null
    coefficients.push(found)
  }
  return { ...calendar, coefficients }
}

/** Null where the series has no level above 0. */
export function ridgeForecast(model: RidgeModel, of: RidgeSeries, horizon: number): Fitted | null {
  const series = summed(of)
  const moment = series.values.length
  const level = levelAt(series.sums, moment, model.round)
  if (!(level > 0)) return null
  const row = new Float64Array(FEATURES)
  const point = new Float64Array(horizon)
  for (let h = 0; h < horizon; h++) {
    fillRow(row, series, moment, h, model)
    const coefficients = model.coefficients[Math.min(h, model.coefficients.length - 1)]!
    let relative = coefficients[0]!
    for (let f = 0; f < FEATURES; f++) relative += coefficients[f + 1]! * row[f]!
    point[h] = level * (1 + relative)
  }
  // A sum of features does not know that there is nothing below 0.
  const floor = isPositive(series.values) ? 0 : Number.NEGATIVE_INFINITY
  return {
    method: 'global-ridge',
    point: finiteOr(
      point.map((value) => Math.max(floor, value)),
      level,
    ),
  }
}

function fitStep(all: readonly Summed[], h: number, calendar: RidgeCalendar): Float64Array | null {
  const first = LEVEL_ROUNDS * calendar.round
  let possible = 0
  for (const { values } of all) possible += Math.max(0, values.length - h - first)
  const stride = Math.max(1, Math.ceil(possible / MAX_ROWS))
  const rows = new Float64Array(Math.ceil(possible / stride) * FEATURES)
  const targets = new Float64Array(Math.ceil(possible / stride))
  let count = 0
  let seen = 0
  for (const series of all) {
    for (let moment = first; moment + h < series.values.length; moment++) {
      seen += 1
      if (seen % stride !== 0) continue
      const level = levelAt(series.sums, moment, calendar.round)
      if (!(level > 0)) continue
      fillRow(rows.subarray(count * FEATURES, (count + 1) * FEATURES), series, moment, h, calendar)
      targets[count] = Math.min(MAX_TARGET, Math.max(-MAX_TARGET, series.values[moment + h]! / level - 1))
      count += 1
    }
  }
  return count < MIN_ROWS ? null : solveRidge(rows, targets, count)
}

/** The features of `series` seen from `moment` (the first value not yet known), h + 1 steps ahead. */
function fillRow(
  row: Float64Array,
  { values, sums, phase, index }: Summed,
  moment: number,
  h: number,
  { round, year }: RidgeCalendar,
): void {
  const level = levelAt(sums, moment, round)
  const target = moment + h
  const back = target - round * Math.ceil((h + 1) / round)
  const relative = (value: number, to: number) =>
    to > 0 ? Math.min(MAX_TARGET, Math.max(-MAX_TARGET, value / to - 1)) : 0
  row[0] = relative(values[back]!, level)
  row[1] = relative(values[Math.max(0, back - round)]!, level)
  row[2] = relative(meanBefore(sums, moment, round), level)
  row[3] = relative(meanBefore(sums, moment, QUARTER_ROUNDS * round), level)
  const isKnown = moment - year >= LEVEL_ROUNDS * round
  row[4] = isKnown ? 1 : 0
  row[5] = isKnown ? relative(values[target - year]!, levelAt(sums, moment - year, round)) : 0
  row[6] = index ? relativeIndex(index, moment, target, round) : 0
  const angle = (2 * Math.PI * (phase + target)) / year
  row[7] = Math.sin(angle)
  row[8] = Math.cos(angle)
  row[9] = Math.sin(2 * angle)
  row[10] = Math.cos(2 * angle)
}

function relativeIndex(
  { kind, values }: SeasonalIndex,
  moment: number,
  target: number,
  round: number,
): number {
  if (kind === 'additive') return 0
  let sum = 0
  const span = LEVEL_ROUNDS * round
  for (let i = moment - span; i < moment; i++) sum += values[(i + values.length) % values.length]!
  return sum > 0 ? (values[target % values.length]! * span) / sum - 1 : 0
}

interface Summed extends RidgeSeries {
  /** `sums[i]` of the first i values: any mean in two look-ups. */
  sums: Float64Array
}

function summed(series: RidgeSeries): Summed {
  const sums = new Float64Array(series.values.length + 1)
  for (let i = 0; i < series.values.length; i++) sums[i + 1] = sums[i]! + series.values[i]!
  return { ...series, sums }
}

function levelAt(sums: Float64Array, moment: number, round: number): number {
  return meanBefore(sums, moment, LEVEL_ROUNDS * round)
}

/** The mean of the `span` values before `moment`, of fewer where there are fewer. */
function meanBefore(sums: Float64Array, moment: number, span: number): number {
  const from = Math.max(0, moment - span)
  return moment > from ? (sums[moment]! - sums[from]!) / (moment - from) : 0
}

/** Intercept first; features are standardised inside and the coefficients scaled back. */
function solveRidge(rows: Float64Array, targets: Float64Array, count: number): Float64Array | null {
  const mean = new Float64Array(FEATURES)
  const sd = new Float64Array(FEATURES)
  for (let i = 0; i < count; i++)
    for (let f = 0; f < FEATURES; f++) mean[f] = mean[f]! + rows[i * FEATURES + f]! / count
  for (let i = 0; i < count; i++)
    for (let f = 0; f < FEATURES; f++) sd[f] = sd[f]! + (rows[i * FEATURES + f]! - mean[f]!) ** 2 / count
  for (let f = 0; f < FEATURES; f++) sd[f] = sd[f]! > 1e-12 ? Math.sqrt(sd[f]!) : 1
  const { normal, right, middle } = normalEquations({ rows, targets, count, mean, sd })
  const solved = solvePositive(normal, right)
  if (!solved) return null
  const coefficients = new Float64Array(FEATURES + 1)
  coefficients[0] = middle
  for (let f = 0; f < FEATURES; f++) {
    coefficients[f + 1] = solved[f]! / sd[f]!
    coefficients[0] -= coefficients[f + 1]! * mean[f]!
  }
  return coefficients
}

interface Table {
  rows: Float64Array
  targets: Float64Array
  count: number
  mean: Float64Array
  sd: Float64Array
}

function normalEquations({ rows, targets, count, mean, sd }: Table) {
  const normal = new Float64Array(FEATURES * FEATURES)
  const right = new Float64Array(FEATURES)
  const scaled = new Float64Array(FEATURES)
  let middle = 0
  for (let i = 0; i < count; i++) middle += targets[i]! / count
  for (let i = 0; i < count; i++) {
    for (let f = 0; f < FEATURES; f++) scaled[f] = (rows[i * FEATURES + f]! - mean[f]!) / sd[f]!
    const target = targets[i]! - middle
    for (let f = 0; f < FEATURES; f++) {
      right[f] = right[f]! + scaled[f]! * target
      for (let g = 0; g <= f; g++)
        normal[f * FEATURES + g] = normal[f * FEATURES + g]! + scaled[f]! * scaled[g]!
    }
  }
  for (let f = 0; f < FEATURES; f++) normal[f * FEATURES + f] = normal[f * FEATURES + f]! + PENALTY * count
  return { normal, right, middle }
}
