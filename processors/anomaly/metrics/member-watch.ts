/**
 * One member (the whole shop, a source, a region) and its four series: revenue, orders, ticket and refunds. Orders and
 * ticket are judged apart; revenue, their product, no more surely than so many orders of so different amounts allow.
 */
import type { MetricMember, MetricSums } from '../../../clickhouse/queries/read-metric-buckets.ts'
import { WATCHED_METRICS, type WatchedMetric } from '../../../core/contracts/results.ts'
import { estimateDispersion } from './count-tails.ts'
import {
  newSeries,
  type ObservedBucket,
  type SeriesState,
  SPARSE_BELOW,
  type WatchedBucket,
  watchBucket,
} from './watch-bucket.ts'
import { bucketsPerWeek, type WidthMinutes, watchOptions } from './watch-plan.ts'
import { baselineAt, recordBucket, valueAt } from './week-history.ts'

/** Weeks that a bucket is compared with; 43 KB of each series at a quarter hour. */
export const WEEKS = 8
const NO_SUMS: MetricSums = { revenue: 0, orders: 0, sold: 0, squares: 0, refunds: 0 }
/** With fewer orders their amounts are taken to be as different as they are large. */
const LEAST_KNOWN_ORDERS = 30
/** Of orders until it is estimated: a little more than by chance. */
const FIRST_DISPERSION = 0.05
/** Every so many buckets of the last weeks say how much counts vary. */
const DISPERSION_STEP = 4
const DISPERSION_WEEKS = 2
const LEAST_DISPERSION_POINTS = 100

export interface MemberPoint extends WatchedBucket {
  metric: WatchedMetric
  observed: number
}

export class MemberWatch {
  readonly of: MetricMember
  readonly #width: WidthMinutes
  readonly #series: Record<WatchedMetric, SeriesState>
  readonly #dispersion = { orders: FIRST_DISPERSION, refunds: FIRST_DISPERSION }
  /** Sums of the newest buckets, which may change still. */
  readonly #sums = new Map<number, MetricSums>()
  /** Over all that was added: how large orders are, and how different. */
  #all = NO_SUMS

  constructor(of: MetricMember, width: WidthMinutes) {
    this.of = of
    this.#width = width
    const series = () => newSeries(bucketsPerWeek(width), WEEKS)
    this.#series = { revenue: series(), orders: series(), ticket: series(), refunds: series() }
  }

  /** The usual amount of an order, and its standard deviation; both 0 where there was none. */
  get ticket(): { mean: number; spread: number } {
    const { orders, sold, squares } = this.#all
    if (!(orders > 0)) return { mean: 0, spread: 0 }
    const mean = sold / orders
    if (orders < LEAST_KNOWN_ORDERS) return { mean, spread: Math.abs(mean) }
    return { mean, spread: Math.sqrt(Math.max(0, squares / orders - mean * mean)) }
  }

  add(bucket: number, sums: MetricSums): void {
    this.#sums.set(bucket, plus(this.#sums.get(bucket) ?? NO_SUMS, sums))
    this.#all = plus(this.#all, sums)
  }

  /** What a bucket is like is learned without judging it; later again to correct it. */
  learn(bucket: number): void {
    const values = valuesOf(this.#sums.get(bucket))
    for (const metric of WATCHED_METRICS) recordBucket(this.#series[metric].history, bucket, values[metric])
  }

  judge(bucket: number, seen: Pick<ObservedBucket, 'isHoliday' | 'isStale'>): MemberPoint[] {
    const sums = this.#sums.get(bucket) ?? NO_SUMS
    const values = valuesOf(sums)
    const { mean, spread } = this.ticket
    const watch = (
      metric: WatchedMetric,
      kind: 'count' | 'value',
      more: Partial<ObservedBucket> = {},
    ): MemberPoint => {
      const dispersion = metric === 'orders' || metric === 'refunds' ? this.#dispersion[metric] : 0
      const options = { kind, watch: watchOptions(metric, this.#width, mean), dispersion }
      const observed = { bucket, value: values[metric], ...seen, ...more }
      return {
        metric,
        observed: values[metric],
        ...watchBucket(this.#series[metric], observed, options),
      }
    }
    const orders = watch('orders', 'count')
    const { expected } = orders.assessment
    const usual = Number.isNaN(expected) ? 0 : expected
    const revenue = watch('revenue', 'value', {
      itemSpread: Math.sqrt(usual * (spread * spread + mean * mean)),
      isSparse: usual < SPARSE_BELOW,
    })
    const ticket = watch('ticket', 'value', { itemSpread: spread, items: Math.max(0, sums.orders) })
    return [revenue, orders, ticket, watch('refunds', 'count')]
  }

  /** From the buckets of the last weeks before `bucket`. */
  estimateDispersion(bucket: number): void {
    for (const metric of ['orders', 'refunds'] as const) {
      const { history } = this.#series[metric]
      const observed: number[] = []
      const expected: number[] = []
      const perWeek = bucketsPerWeek(this.#width)
      for (let at = bucket - DISPERSION_WEEKS * perWeek; at < bucket; at += DISPERSION_STEP) {
        const baseline = baselineAt(history, at)
        const value = valueAt(history, at)
        if (baseline.basis !== 'weeks' || !(baseline.expected >= SPARSE_BELOW) || Number.isNaN(value))
          continue
        observed.push(value)
        expected.push(baseline.expected)
      }
      if (observed.length >= LEAST_DISPERSION_POINTS)
        this.#dispersion[metric] = estimateDispersion(observed, expected)
    }
  }

  /** What cannot be found in stored buckets again: how far each series is on the way to an alarm. */
  get watched(): Record<WatchedMetric, SeriesState['watched']> {
    const { revenue, orders, ticket, refunds } = this.#series
    return {
      ...{ revenue: revenue.watched, orders: orders.watched },
      ...{ ticket: ticket.watched, refunds: refunds.watched },
    }
  }

  restore(watched: Partial<Record<WatchedMetric, SeriesState['watched']>>): void {
    for (const metric of WATCHED_METRICS)
      if (watched[metric] !== undefined) this.#series[metric].watched = watched[metric]
  }

  /** Sums before this bucket change no more. */
  forgetBefore(bucket: number): void {
    for (const at of this.#sums.keys()) if (at < bucket) this.#sums.delete(at)
  }
}

function plus(a: MetricSums, b: MetricSums): MetricSums {
  return {
    revenue: a.revenue + b.revenue,
    orders: a.orders + b.orders,
    sold: a.sold + b.sold,
    squares: a.squares + b.squares,
    refunds: a.refunds + b.refunds,
  }
}

/** Without orders there is no ticket, which is not one of 0. Counts that a late change made negative are none. */
function valuesOf({ revenue, orders, sold, refunds }: MetricSums = NO_SUMS): Record<WatchedMetric, number> {
  return {
    revenue,
    orders: Math.max(0, orders),
    ticket: orders > 0 ? sold / orders : Number.NaN,
    refunds: Math.max(0, refunds),
  }
}
