/** Tiles that look like Online Retail on 17 November 2011, for looking at the page without a server. */

import { PACE_STEP_MINUTES, type PaceTile } from '../../core/contracts/pace.ts'
import { say } from '../../core/contracts/sayings.ts'
import type { Axis, Figures, Tiles } from '../../core/contracts/tiles.ts'
import { NOTES } from './notes-of-a-day.ts'
import { paceAt } from './pace-of-a-day.ts'

const STEP_MINUTES = 5
export const OPENING_MINUTE = 14 * 60 + 32

/** A day's cumulative revenue: busy from eight to six, with a jump in the afternoon. */
function dayLine(scale: number, seed: number, untilMinute: number): string[] {
  const values: string[] = []
  let sum = 0
  for (let minute = STEP_MINUTES; minute <= untilMinute; minute += STEP_MINUTES) {
    const open = minute > 480 && minute < 1_080 + seed * 20
    const wave = Math.abs(Math.sin(minute * 0.37 + seed * 1.7) * Math.cos(minute * 0.11 * seed))
    if (open) sum += scale * wave ** 3 * (minute > 910 && minute < 930 ? 6 : 1)
    values.push(sum.toFixed(2))
  }
  return values
}

/** Usual: a little under yesterday. */
function usualLine(): number[] {
  const yesterday = dayLine(2_900, 2, 1_440)
  const steps = PACE_STEP_MINUTES / STEP_MINUTES
  return Array.from(
    { length: 1_440 / PACE_STEP_MINUTES + 1 },
    (_, quarter) => 0.92 * Number(yesterday[quarter * steps - 1] ?? 0),
  )
}

const PACE_END = 61_234.56

const paceOf = (minute: number, axis: Axis): PaceTile =>
  axis === 'booked'
    ? paceAt('2011-11-17', minute, usualLine(), PACE_END)
    : {
        ...{ day: '2011-11-17', elapsedMinutes: minute, revenue: null, orders: null },
        absence: { reason: 'axis', completeDays: 0, neededDays: 14 },
      }

const figures = (part: Partial<Figures>): Figures => ({
  revenue: '39426.1800',
  sales: '40239.25',
  refunds: '-773.10',
  refundCount: 4,
  credits: '-39.97',
  creditCount: 1,
  adjustments: '0',
  adjustmentCount: 0,
  orders: 87,
  ticket: '453.1724',
  units: '18204',
  customers: 76,
  guestOrders: 12,
  guestRevenue: '4100.20',
  ...part,
})

export function tilesAt(minute: number, axis: Axis, extra: { orders: number; revenue: string }): Tiles {
  const at = (back: number) => new Date(Date.UTC(2011, 10, 17, 0, minute - back, 5)).toISOString()
  const ago = (ms: number) => new Date(Date.now() - ms).toISOString()
  const source = {
    role: 'sale',
    completeTo: at(0),
    polledAt: ago(2_000),
    lastFactAt: ago(2_000),
    message: '',
  }
  return {
    tenant: {
      id: 't',
      name: 'Online Retail',
      timeZone: 'Europe/London',
      currency: 'GBP',
      mode: 'replay',
      speed: 60,
      pass: 1,
    },
    hero: {
      axis,
      currency: 'GBP',
      day: '2011-11-17',
      elapsedMinutes: minute,
      today: figures({ revenue: extra.revenue, orders: 87 + extra.orders }),
      yesterday: figures({
        revenue: '41197.70',
        orders: 98,
        ticket: '420.38',
        customers: 72,
        units: '16254',
        refunds: '-560.20',
      }),
      yesterdayDay: '2011-11-16',
      lastWeek: figures({
        revenue: '43758.24',
        orders: 91,
        ticket: '480.86',
        customers: 76,
        units: '19877',
        refunds: '-1310',
      }),
      lastWeekDay: '2011-11-10',
      margin: null,
      marginReason: 'costs are not known',
      otherCurrencies: [],
    },
    chart: {
      stepMinutes: STEP_MINUTES,
      today: dayLine(3_060, 1, minute),
      yesterday: dayLine(2_900, 2, 1_440),
      lastWeek: dayLine(3_000, 3, 1_440),
    },
    pace: paceOf(minute, axis),
    notes: NOTES,
    products: [
      { sku: '1', name: 'WHITE SKULL HOT WATER BOTTLE', revenue: '1125.20', units: '300' },
      { sku: '2', name: 'JINGLE BELL HEART SILVER', revenue: '829.10', units: '200' },
      { sku: '3', name: 'RABBIT NIGHT LIGHT', revenue: '781', units: '380' },
      { sku: '4', name: 'REGENCY CAKESTAND 3 TIER', revenue: '494.25', units: '40' },
      { sku: '5', name: '3 REGENCY CAKE TINS', revenue: '458.5', units: '90' },
    ],
    countries: [
      { country: 'United Kingdom', revenue: '24195.30', orders: 77 },
      { country: 'Japan', revenue: '4808', orders: 1 },
      { country: 'Germany', revenue: '3685.11', orders: 4 },
      { country: 'France', revenue: '2453.99', orders: 3 },
      { country: 'Belgium', revenue: '1343', orders: 2 },
    ],
    latest: Array.from({ length: 8 + extra.orders }, (_, number) => {
      const kind = number % 5 === 4 ? ('refund' as const) : ('sale' as const)
      return {
        key: `k${number}`,
        at: at((7 + extra.orders - number) * 2),
        orderId: `${kind === 'refund' ? 'C' : ''}${577_052 + number}`,
        source: 'replay',
        kind,
        reference: '',
        country: number % 3 === 2 ? 'Germany' : 'United Kingdom',
        currency: 'GBP',
        amount: kind === 'refund' ? '-39.97' : (103.2 + ((number * 137) % 530)).toFixed(2),
        guest: number % 7 === 3,
      }
    }).reverse(),
    sources: [
      {
        ...source,
        source: 'online-retail',
        freshness: 'fresh',
        ...say('replay.pass', { pass: 1, speed: 60 }),
      },
      { ...source, source: 'bling', role: 'erp', freshness: 'quiet', lastFactAt: ago(360_000) },
      { ...source, source: 'hubspot', role: 'crm', freshness: 'stale', polledAt: ago(720_000) },
    ],
    exactness: { driftE4: '0', driftedBuckets: 0, provedAt: ago(3_000), verifying: false, deadLetters: 0 },
    history: null,
    health: { warehouse: 'up', processor: 'running', message: '' },
  }
}
