import { expect, it } from 'vitest'
import { type MetricQuarter, QUARTER_MS } from '../../../clickhouse/queries/read-metric-buckets.ts'
import { TenantMetrics } from './tenant-metrics.ts'

const TENANT = { id: 'acme', name: 'Acme', timeZone: 'UTC', currency: 'GBP' }
const TOTAL = { dimension: 'total', member: '' } as const
/** A Monday. */
const FIRST_MS = Date.parse('2026-02-16T00:00:00Z')
const GOOD_FRIDAY = '2026-04-03'
const GOOD_FRIDAY_MS = Date.parse(`${GOOD_FRIDAY}T00:00:00Z`)

/** Forty orders a quarter hour, four on Sundays and on Good Friday. */
function quarters(untilMs: number): MetricQuarter[] {
  const count = (untilMs - FIRST_MS) / QUARTER_MS
  return Array.from({ length: count }, (_, n) => {
    const atMs = FIRST_MS + n * QUARTER_MS
    const isQuiet = new Date(atMs).getUTCDay() === 0 || atMs >= GOOD_FRIDAY_MS
    const orders = isQuiet ? 4 : 40
    const sums = { revenue: orders * 10, sold: orders * 10, squares: orders * 100, refunds: 0 }
    return { ...TOTAL, tenant: 'acme', atMs, orders, ...sums }
  })
}

/** What is expected of the morning's quarter hours, and whether any of them ends in alarm. */
function judgeMorning(holidays: ReadonlySet<string>) {
  const noonMs = GOOD_FRIDAY_MS + 48 * QUARTER_MS
  const metrics = new TenantMetrics({
    ...{ tenant: TENANT, holidays, width: 15, members: [TOTAL] },
    ...{ quarters: quarters(noonMs).filter(({ atMs }) => atMs < GOOD_FRIDAY_MS), positionMs: GOOD_FRIDAY_MS },
  })
  metrics.add(quarters(noonMs).filter(({ atMs }) => atMs >= GOOD_FRIDAY_MS))
  const judged = Array.from({ length: 48 }, () => metrics.judgeNext(['shop'], new Set()))
  const points = judged.flatMap(({ points }) => points).filter(({ metric }) => metric === 'orders')
  return {
    // Right behind midnight Saturday's last quarter is a neighbour of Sunday's first.
    expected: points.slice(4).map(({ expected }) => Math.round(expected)),
    isAlarmed: judged.some(({ alarms }) => alarms.length > 0),
  }
}

it('takes a public holiday for a Sunday, and only where it is told of it', () => {
  const told = judgeMorning(new Set([GOOD_FRIDAY]))
  expect([new Set(told.expected), told.isAlarmed]).toEqual([new Set([4]), false])
  const untold = judgeMorning(new Set(['2026-04-02']))
  expect([untold.expected[0], untold.isAlarmed]).toEqual([40, true])
})
