/**
 * All series of a tenant, bucket by bucket of its local time. Made from stored quarter hours at any bucket, and carried on by
 * what batches changed; a late change corrects what was learned of a former bucket, but judges nothing again.
 */
import {
  type MetricMember,
  type MetricQuarter,
  QUARTER_MS,
} from '../../../clickhouse/queries/read-metric-buckets.ts'
import type { WatchedMetric } from '../../../core/contracts/results.ts'
import type { TenantConfig } from '../../../core/contracts/tenant.ts'
import { type BucketSpan, bucketSpan, dayOfBucket } from './bucket-span.ts'
import type { SeriesAlarm, SeriesPoint } from './group-alarms.ts'
import { MemberWatch } from './member-watch.ts'
import type { SeriesState } from './watch-bucket.ts'
import { bucketsPerWeek, type WidthMinutes } from './watch-plan.ts'
import { weekBucket } from './week-history.ts'

/** Late changes of older buckets wait for the next time that all is read. */
export const LATE_DAYS = 2

/** States of series as they are stored: by member, then by metric. */
export type StoredStates = Record<string, Partial<Record<WatchedMetric, SeriesState['watched']>>>

export interface JudgedBucket {
  points: SeriesPoint[]
  /** Those that are in alarm after it; `began` in this bucket. */
  alarms: (SeriesAlarm & { began: boolean })[]
}

export class TenantMetrics {
  readonly tenant: TenantConfig
  readonly width: WidthMinutes
  readonly #perWeek: number
  readonly #members: Map<string, MemberWatch>
  readonly #holidays: ReadonlySet<string>
  /** The last bucket that is learned or judged. */
  #position: number
  /** The first one with anything in it. */
  #first = Number.POSITIVE_INFINITY
  /** Sums of buckets before it are gone. */
  #oldest = Number.NEGATIVE_INFINITY

  constructor(options: {
    tenant: TenantConfig
    /** Local days that are like Sundays, YYYY-MM-DD. */
    holidays: ReadonlySet<string>
    width: WidthMinutes
    members: readonly MetricMember[]
    /** At the marks, by time; all buckets up to `positionMs` are learned from them. */
    quarters: readonly MetricQuarter[]
    positionMs: number
    states?: StoredStates
  }) {
    const { tenant, holidays, width, members, quarters, positionMs, states = {} } = options
    this.tenant = tenant
    this.width = width
    this.#perWeek = bucketsPerWeek(width)
    this.#holidays = holidays
    this.#members = new Map(members.map((one) => [keyOf(one), new MemberWatch(one, width)]))
    this.#position = weekBucket(positionMs, tenant.timeZone, this.#perWeek) - 1
    for (const quarter of quarters) this.#put(quarter)
    for (let bucket = this.#first; bucket <= this.#position; bucket++) this.#learn(bucket)
    this.#forget()
    for (const [key, member] of this.#members) {
      member.estimateDispersion(this.#position + 1)
      member.restore(states[key] ?? {})
    }
  }

  /** Where the next bucket begins. */
  get positionMs(): number {
    return this.next().span.fromMs
  }

  /** Days of history; 0 where there is none. */
  get days(): number {
    return Math.max(0, (this.#position - this.#first + 1) / (this.#perWeek / 7))
  }

  get series(): number {
    return this.#members.size * 4
  }

  get states(): StoredStates {
    return Object.fromEntries([...this.#members].map(([key, member]) => [key, member.watched]))
  }

  /** The bucket behind the position that the clock has. */
  next(): { bucket: number; span: BucketSpan; beginsWeek: boolean } {
    for (let bucket = this.#position + 1; ; bucket++) {
      const span = bucketSpan(bucket, this.tenant.timeZone, this.#perWeek)
      if (span !== null) return { bucket, span, beginsWeek: bucket % this.#perWeek === 0 }
    }
  }

  /** What batches changed. */
  add(quarters: readonly MetricQuarter[]): void {
    const late = new Set<number>()
    for (const quarter of quarters) {
      const bucket = this.#put(quarter)
      if (bucket !== undefined && bucket <= this.#position) late.add(bucket)
    }
    for (const bucket of late) this.#learn(bucket)
  }

  /** The next bucket without a word. */
  learnNext(): void {
    this.#position = this.next().bucket
    this.#learn(this.#position)
    this.#forget()
  }

  /** The next bucket. `sources` feed the whole; of those in `incomplete` it is not known whether all is there. */
  judgeNext(sources: readonly string[], incomplete: ReadonlySet<string>): JudgedBucket {
    const { bucket } = this.next()
    this.#position = bucket
    const judged: JudgedBucket = { points: [], alarms: [] }
    for (const member of this.#members.values()) {
      const own = member.of.dimension === 'source' ? [member.of.member] : sources
      const isStale = own.some((source) => incomplete.has(source))
      for (const one of member.judge(bucket, { isHoliday: this.#isHoliday(bucket), isStale })) {
        const point = {
          tenant: this.tenant.id,
          metric: one.metric,
          ...member.of,
          sources: own,
          ...one.assessment,
        }
        if (!isStale) judged.points.push(point)
        if (one.alarm !== null) judged.alarms.push({ ...point, ...one.alarm, began: one.change === 'began' })
      }
    }
    this.#forget()
    return judged
  }

  #put(quarter: MetricQuarter): number | undefined {
    const { timeZone } = this.tenant
    const bucket = weekBucket(quarter.atMs, timeZone, this.#perWeek)
    const span = bucketSpan(bucket, timeZone, this.#perWeek)
    const member = this.#members.get(keyOf(quarter))
    // The hour that comes twice is nobody's the second time.
    if (member === undefined || span === null || quarter.atMs + QUARTER_MS > span.toMs) return undefined
    if (bucket < this.#oldest) return undefined
    member.add(bucket, quarter)
    this.#first = Math.min(this.#first, bucket)
    return bucket
  }

  #learn(bucket: number): void {
    // It would make the next ordinary day look wrong.
    if (this.#isHoliday(bucket)) return
    for (const member of this.#members.values()) member.learn(bucket)
  }

  #isHoliday(bucket: number): boolean {
    return this.#holidays.size > 0 && this.#holidays.has(dayOfBucket(bucket, this.#perWeek))
  }

  #forget(): void {
    this.#oldest = this.#position - (LATE_DAYS * this.#perWeek) / 7
    for (const member of this.#members.values()) member.forgetBefore(this.#oldest)
  }
}

const keyOf = ({ dimension, member }: MetricMember) => `${dimension}/${member}`
