/** The instants of a local bucket, and its day. */
import { formatDay, instantOfLocal } from '../../../core/runtime/local-time.ts'
import { MONDAY_MS, WEEK_MS, weekBucket } from './week-history.ts'

const DAY_MS = 86_400_000

export interface BucketSpan {
  fromMs: number
  toMs: number
}

/**
 * Null for a bucket that a clock change skipped. Of an hour that comes twice the first one is the bucket's; the second is
 * nobody's, since no other week has one to compare it with.
 */
export function bucketSpan(bucket: number, timeZone: string, bucketsPerWeek: number): BucketSpan | null {
  const widthMs = WEEK_MS / bucketsPerWeek
  const fromMs = instantOfLocal(MONDAY_MS + bucket * widthMs, timeZone)
  if (weekBucket(fromMs, timeZone, bucketsPerWeek) !== bucket) return null
  return { fromMs, toMs: fromMs + widthMs }
}

/** The local day of a bucket as YYYY-MM-DD. */
export function dayOfBucket(bucket: number, bucketsPerWeek: number): string {
  return formatDay(Math.floor((MONDAY_MS + (bucket * WEEK_MS) / bucketsPerWeek) / DAY_MS))
}
