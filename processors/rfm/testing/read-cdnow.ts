/** CDNOW's purchases and what was counted of them, for tests and the bench. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ROOT } from '../../../core/runtime/program.ts'
import type { PurchaseGroups } from '../fit-bg-nbd.ts'
import type { PurchaseRows } from '../repeat-purchases.ts'

/** The last day of the 39 weeks that the papers fit: 1997-09-30. */
export const CDNOW_END = Date.UTC(1997, 8, 30) / 86_400_000

/** The 1/10 sample: 2,357 customers, 6,919 purchases to June 1998. */
export function readCdnowSample(): { rows: PurchaseRows; customers: number } {
  const lines = linesOf('CDNOW_sample.txt.gz').map((line) => line.trim().split(/\s+/))
  const rows = {
    customer: Int32Array.from(lines, ([, id]) => Number(id) - 1),
    day: Int32Array.from(lines, ([, , date]) => dayOf(date!)),
    valueE4: Float64Array.from(lines, ([, , , , dollars]) => Math.round(Number(dollars) * 10_000)),
  }
  return { rows, customers: 2_357 }
}

/** Of the sample's customers on CDNOW_END: repeats, recency and age in weeks, as published. */
export function readCdnowSummary(): number[][] {
  return linesOf('cdnow_customers_summary.csv.gz')
    .slice(1)
    .map((line) => line.split(',').map(Number))
}

/** All 23,570 customers on CDNOW_END. */
export function readCdnowFull(): PurchaseGroups {
  const lines = linesOf('cdnow-full-counts.csv.gz')
    .slice(1)
    .map((line) => line.split(',').map(Number))
  const column = (at: number) => Int32Array.from(lines, (line) => line[at]!)
  return {
    repeats: column(0),
    lastAfterDays: column(1),
    ageDays: column(2),
    customers: Float64Array.from(column(3)),
    every: 1,
  }
}

function linesOf(name: string): string[] {
  const file = join(ROOT, 'test/data/cdnow', name)
  return gunzipSync(readFileSync(file)).toString().trim().split('\n')
}

function dayOf(date: string): number {
  return Date.UTC(+date.slice(0, 4), +date.slice(4, 6) - 1, +date.slice(6, 8)) / 86_400_000
}
