import { expect, it } from 'vitest'
import { groupAlarms, type Trigger } from './group-alarms.ts'
import { IncidentBook, type Kept } from './incident-book.ts'
import { incidentEvent } from './incident-rows.ts'

const TENANT = { id: 'acme', name: 'Acme', timeZone: 'Europe/London', currency: 'GBP' }
const AT = Date.parse('2024-06-11T15:00:00Z')
const SIGHTING = { window: { fromMs: AT - 900_000, toMs: AT }, nowMs: AT, currency: 'GBP', model: 'm' }
const contributor = (member: string, change: number) =>
  ({ dimension: 'source', member, change, share: 0.5 }) as const
const trigger = (...contributors: Trigger['contributors']): Trigger => ({
  ...{ kind: 'metric', group: 'acme/sales/fall', tenant: 'acme', subject: 'orders' },
  ...{ part: { dimension: 'total', member: '' }, direction: 'fall' },
  ...{ cause: 'level', severity: 'warning', observed: 2, expected: 40, low: 29, high: 51, z: -6 },
  contributors,
})
const told = (book: IncidentBook) =>
  book.take().map((change) => incidentEvent(change, { tenant: TENANT, atMs: AT, wall: '' }).value)
const only = (book: IncidentBook): Kept => book.of('acme')[0]!

/** A book of one open incident, of which everything is told. */
function opened(): IncidentBook {
  const book = new IncidentBook()
  book.trigger(trigger(contributor('shop', -20), contributor('market', -18)), AT, SIGHTING)
  expect(told(book).map(({ data }) => data.change)).toEqual(['opened'])
  return book
}

it('tells what a crash cut off by the same id, however much later it is seen again', () => {
  const ids = [1, 5_000].map((lateMs) => {
    const book = opened()
    const untilMs = AT + 3_600_000
    book.step(only(book), { type: 'silence', atMs: AT + 1, owner: 'ana', untilMs })
    book.step(only(book), { type: 'tick', atMs: untilMs + lateMs })
    book.step(only(book), { type: 'resolve', atMs: untilMs + lateMs })
    const all = told(book)
    expect(all.map(({ data }) => data.change)).toEqual(['silenced', 'resumed', 'resolved'])
    return all.map(({ id }) => id)
  })
  expect(ids[0]).toEqual(ids[1])
  expect(new Set(ids[0]).size).toBe(3)
})

it('tells every silence of one incident by an id of its own', () => {
  const book = opened()
  for (const atMs of [AT + 1, AT + 2])
    book.step(only(book), { type: 'silence', atMs, owner: 'ana', untilMs: atMs + 1_000 })
  const all = told(book)
  expect(new Set(all.map(({ id }) => id)).size).toBe(2)
})

it('keeps the first contributor until another one is clearly larger', () => {
  const book = opened()
  book.trigger(trigger(contributor('market', -22), contributor('shop', -20)), AT + 1, SIGHTING)
  expect(told(book).map(({ data }) => data.change)).toEqual([undefined])
  book.trigger(trigger(contributor('market', -40), contributor('shop', -20)), AT + 2, SIGHTING)
  expect(told(book).map(({ data }) => data.change)).toEqual(['updated'])
})

it('has no share for anybody in what cannot be measured', () => {
  const point = {
    ...{ tenant: 'acme', metric: 'ticket', sources: [], low: 1, high: 3, z: -6 },
    ...({ direction: 'fall', cause: 'level' } as const),
  }
  const whole = { ...point, dimension: 'total', member: '', observed: Number.NaN, expected: 40 } as const
  const part = { ...point, dimension: 'region', member: 'SP', observed: 10, expected: 40 } as const
  expect(groupAlarms([whole, part], new Set())[0]!.contributors).toEqual([])
})
