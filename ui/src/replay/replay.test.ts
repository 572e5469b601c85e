import { expect, it } from 'vitest'
import { chartLine, type DayLine, firstMinute, minuteAt, ordersBy, revenueAt } from './replay.ts'

const LINE: DayLine = {
  ...{ day: '2011-11-17', startsAt: '2011-11-17T00:00:00Z', currency: 'GBP', stepMinutes: 1 },
  // Nothing for an hour, then ten a minute.
  revenue: Array.from({ length: 1_440 }, (_, minute) => String(Math.max(0, minute - 59) * 10)),
}

it('goes on from where it was put, as fast as was said, and stands at the end', () => {
  const playing = { minute: 100, atMs: 5_000, speed: 60 } as const
  expect([5_000, 6_000, 65_000].map((nowMs) => minuteAt(playing, nowMs, 1_440))).toEqual([100, 101, 160])
  expect(minuteAt({ ...playing, speed: 0 }, 1e9, 1_440)).toBe(100)
  expect(minuteAt(playing, 1e9, 1_500)).toBe(1_500)
  expect(minuteAt(playing, 0, 1_440)).toBe(100)
})

it('tells what had been booked by a minute: what is over, and not the one that runs', () => {
  const at = [0, 60, 61, 61.9, 1_440, 9_999]
  expect(at.map((minute) => revenueAt(LINE, minute))).toEqual(['0', '0', '10', '10', '13800', '13800'])
})

it('begins shortly before the first sale', () => {
  expect(firstMinute(LINE)).toBe(45)
  expect(firstMinute({ ...LINE, revenue: ['0', '5'] })).toBe(0)
  expect(firstMinute({ ...LINE, revenue: LINE.revenue.map(() => '0') })).toBe(0)
})

it('draws every fifth minute', () => {
  const line = chartLine(LINE, 5)
  expect(line).toHaveLength(288)
  expect(line.slice(11, 14)).toEqual(['0', '50', '100'])
})

it('lists the newest that had been placed', () => {
  const order = (orderId: string, placedAt: string) => ({
    ...{ source: 's', orderId, placedAt, country: '', currency: 'GBP', gross: '1', counts: true },
  })
  const orders = ['08:00', '08:30', '09:00', '09:30'].map((at) => order(at, `2011-11-17T${at}:00Z`))
  expect(ordersBy(orders, LINE, 540, 2).map(({ orderId }) => orderId)).toEqual(['09:00', '08:30'])
  expect(ordersBy(orders, LINE, 479, 2)).toEqual([])
})
