/**
 * Monthly cohorts: of those who first bought in a month, how many bought again one, two, three months later.
 *
 * Rows are (customer, month with a counting order), in any order and as often as they like: each counts once. A cohort is
 * all customers of one first month. Months are numbers, year × 12 + month from 0, in the tenant's zone.
 *
 * Limits: a bit for each customer and month, MAX_BITS of them (10 million customers over 10 years are 150 MB).
 */
import { RevwallError } from '../../core/runtime/errors.ts'

const MAX_BITS = 8e9
/** Fifty years; a matrix has their square. */
const MAX_MONTHS = 600

export interface ActiveMonths {
  /** Numbers of customers, from 0, dense. */
  customer: Int32Array
  month: Int32Array
}

export interface CohortMatrix {
  /** The cohorts' months, ascending, none left out between the first and the last. */
  months: Int32Array
  /** Customers of each cohort. */
  sizes: Uint32Array
  /** `active[cohort * width + after]`: customers of the cohort who bought so many months later. */
  active: Uint32Array
  /** Columns: months from the first to `lastMonth`, it included. */
  width: number
  /** Rows before the customer's first month or after `lastMonth`: none, unless columns disagree. */
  ignored: number
}

/**
 * `firstMonth`: of each customer, by number. What is after `lastMonth` does not count. Throws `rfm-cohorts-too-large`.
 */
export function countCohorts(firstMonth: Int32Array, rows: ActiveMonths, lastMonth: number): CohortMatrix {
  const matrix = emptyMatrix(firstMonth, lastMonth)
  const { width, active, sizes } = matrix
  const origin = lastMonth - width + 1
  const seen = seenBits(firstMonth.length * width)
  for (const first of firstMonth) if (first <= lastMonth) sizes[first - origin]!++
  for (let row = 0; row < rows.customer.length; row++) {
    const who = rows.customer[row]!
    const first = firstMonth[who]!
    const after = rows.month[row]! - first
    if (after < 0 || rows.month[row]! > lastMonth) {
      matrix.ignored++
      continue
    }
    const bit = who * width + after
    const at = Math.floor(bit / 8)
    const mask = 1 << (bit % 8)
    if ((seen[at]! & mask) !== 0) continue
    seen[at]! |= mask
    active[(first - origin) * width + after]!++
  }
  return matrix
}

/** The share of a cohort that bought `after` months later, 0 to 1; null where that month has not come, or nobody began. */
export function retentionOf(
  { months, sizes, active, width }: CohortMatrix,
  cohort: number,
  after: number,
): number | null {
  const size = sizes[cohort] ?? 0
  if (size === 0 || after < 0 || cohort + after >= months.length) return null
  return active[cohort * width + after]! / size
}

function emptyMatrix(firstMonth: Int32Array, lastMonth: number): CohortMatrix {
  let first = lastMonth + 1
  for (const month of firstMonth) if (month < first) first = month
  const width = lastMonth - first + 1
  if (width > MAX_MONTHS) throw tooLarge(`${width} months`)
  return {
    months: Int32Array.from({ length: width }, (_, at) => first + at),
    sizes: new Uint32Array(width),
    active: new Uint32Array(width * width),
    width,
    ignored: 0,
  }
}

function seenBits(bits: number): Uint8Array {
  if (bits > MAX_BITS) throw tooLarge(`${bits} customers × months`)
  return new Uint8Array(Math.ceil(bits / 8))
}

function tooLarge(what: string): RevwallError {
  return new RevwallError(
    'rfm-cohorts-too-large',
    `cohorts of ${what} are too large to be counted here: ask for later months only, or count them in ClickHouse`,
  )
}
