/**
 * The shipped file against a reference that shares no code with the replay: read and added up here with bigints of
 * 1/1,000 pounds.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseOrdersTopicEvent } from '../../../core/contracts/events.ts'
import type { OrderEvent } from '../../../core/contracts/order.ts'
import { localDay } from '../../../core/runtime/local-time.ts'
import { readPieces } from './load-steps.ts'
import { passSteps, weeksPerPass } from './passes.ts'
import { createTimelineReader } from './read-timeline.ts'
import { type ReplayStats, summarize } from './replay-stats.ts'
import { SHIPPED_CURRENCY, SHIPPED_FILE, SHIPPED_TIME_ZONE } from './shipped-file.ts'
import { foldOrders } from './testing/read-log.ts'
import type { Step } from './timeline.ts'

const settings = {
  tenant: 'demo',
  source: 'online-retail',
  currency: SHIPPED_CURRENCY,
  timeZone: SHIPPED_TIME_ZONE,
}

/** Sums in 1/1,000 by name. */
type Sums = Record<string, bigint>
interface Totals {
  lines: number
  all: bigint
  byMonth: Sums
  byCountry: Sums
}
const none = (): Totals => ({ lines: 0, all: 0n, byMonth: {}, byCountry: {} })

function add(totals: Totals, month: string, country: string | null, amount: bigint): void {
  const land = country ?? '—'
  totals.lines += 1
  totals.all += amount
  totals.byMonth[month] = (totals.byMonth[month] ?? 0n) + amount
  totals.byCountry[land] = (totals.byCountry[land] ?? 0n) + amount
}

const milli = (text: string) => {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(3, '0').slice(0, 3))
}

function reference(): Totals {
  const totals = none()
  const text = gunzipSync(readFileSync(SHIPPED_FILE)).toString('utf8')
  const names: Record<string, string> = { EIRE: 'Ireland', RSA: 'South Africa', Unspecified: '—' }
  for (const row of text.split('\n').slice(1)) {
    // Only descriptions are quoted, so the columns behind them are counted from the end.
    const cells = row.trimEnd().split(',')
    if (cells.length < 8) continue
    const [quantity, date, price, , country] = cells.slice(-5) as [string, string, string, string, string]
    add(totals, date.slice(0, 7), names[country] ?? country, BigInt(quantity) * milli(price))
  }
  return totals
}

/** Refunds are booked on their own day, each order by its newest snapshot. */
function totalsOf(orders: Iterable<OrderEvent>): Totals {
  const totals = none()
  const month = (at: string) => {
    const day = localDay(Date.parse(at), SHIPPED_TIME_ZONE)
    return new Date(day * 86_400_000).toISOString().slice(0, 7)
  }
  for (const { placedAt, country, lines, refunds } of orders) {
    for (const line of lines)
      add(totals, month(placedAt), country, BigInt(line.quantity) * milli(line.unitPrice))
    for (const refund of refunds)
      for (const line of refund.lines) add(totals, month(refund.at), country, -milli(line.amount))
  }
  return totals
}

describe('Online Retail', () => {
  let steps: Step[]
  let stats: ReplayStats
  let expected: Totals

  beforeAll(async () => {
    const reader = createTimelineReader({ ...settings, judgedAtMs: Date.UTC(2026, 0, 1) })
    steps = []
    for await (const records of readPieces(SHIPPED_FILE)) steps.push(...reader.push(records).steps)
    steps.push(...reader.end().steps)
    stats = reader.stats
    expected = reference()
  })

  it('is the file we know', () => {
    expect(expected.lines).toBe(541_909)
    expect(expected.all).toBe(9_747_747_934n)
    expect(steps).toHaveLength(25_900)
  })

  it('keeps the sum of every month and country, and every line, in events that pass the contract', () => {
    const events = steps.flatMap((step) => step.events.map((event) => parseOrdersTopicEvent(event)))
    const { orders, repeated } = foldOrders(events)
    const totals = totalsOf(orders.values())
    expect(totals).toEqual(expected)
    expect(repeated).toBe(0)
    expect(Object.keys(totals.byMonth)).toHaveLength(13)
    expect(Object.keys(totals.byCountry)).toHaveLength(38)
  })

  it('prints how many cancellations found their order', () => {
    const report = summarize(stats, SHIPPED_CURRENCY)
    console.log(report.join('\n'))
    expect(stats.deadLetters).toBe(0)
    expect(stats.byKind.cancellation).toMatchObject({ invoices: 3_836, lines: 9_288 })
    expect(stats.refunds.lines).toBe(7_149)
    expect(stats.refunds.lines + stats.credits.lines).toBe(9_288)
    const { sale, adjustment } = stats.byKind
    expect(sale.lines + adjustment.lines + stats.refunds.lines + stats.credits.lines).toBe(541_909)
    expect(report.join()).toContain('9747747.934 GBP')
  })

  it('plays its last weeks again six weeks later, at the same local hours and with the same sum', () => {
    const invoices = steps
      .map(({ invoice }) => invoice)
      .filter(({ localMs }) => localMs >= Date.UTC(2011, 10, 1))
    expect(weeksPerPass(invoices)).toBe(6)
    // The 20th pass lies in summer time for a part of it.
    const again = passSteps(invoices, 20, settings)
    expect(again[0]?.invoice.localMs).toBe(invoices[0]!.localMs + 19 * 6 * 7 * 86_400_000)
    expect(again.every((step) => step.events.every(({ orderId }) => orderId.startsWith('p20-')))).toBe(true)
    const { orders } = foldOrders(
      again.flatMap((step) => step.events.map((event) => parseOrdersTopicEvent(event))),
    )
    const wanted = invoices.reduce((sum, { amountE4 }) => sum + BigInt(amountE4), 0n)
    expect(totalsOf(orders.values()).all * 10n).toBe(wanted)
  })
})
