import { expect, test } from 'vitest'
import { type SourceProgress, sourceProgress } from '../../core/contracts/source-progress.ts'
import type { Mark } from './read-marks.ts'
import { salesCompleteToMs, sourceStates, tenantTime } from './source-states.ts'

const WALL = Date.parse('2026-01-01T00:00:00Z')

function mark(partition: number, ...told: Partial<SourceProgress>[]): Mark {
  const progress = told.map((one) => ({ told: sourceProgress.parse({ ...PROGRESS, ...one }), factAt: null }))
  return { partition, position: '', last: 0, progress }
}
const PROGRESS = {
  type: 'source.progress',
  schemaVersion: 1,
  tenant: 'acme',
  source: 'shop',
  upTo: '2011-11-17T10:00:00Z',
  polledAt: '2026-01-01T00:00:00Z',
  mode: 'replay',
}
const iso = (ms: number | null | undefined) => (ms == null ? ms : new Date(ms).toISOString())

test('a source is complete to what the partition farthest behind was told', () => {
  const marks = [
    mark(0, { upTo: '2011-11-17T10:05:00Z' }),
    mark(1, { upTo: '2011-11-17T10:01:00Z', speed: 60 }),
  ]
  const [state] = sourceStates(marks, 2, 'acme')
  expect(iso(state?.completeToMs)).toBe('2011-11-17T10:01:00.000Z')
  expect(iso(tenantTime([state!], WALL).nowMs)).toBe('2011-11-17T10:01:00.000Z')
})

test('nothing is complete while a partition has not heard of the source', () => {
  const states = sourceStates([mark(0, {}), mark(1)], 2, 'acme')
  expect(states[0]?.completeToMs).toBeNull()
  expect(salesCompleteToMs(states)).toBeNull()
  expect(tenantTime(states, WALL)).toEqual({ nowMs: WALL, mode: 'live', speed: 1, pass: null })
})

test('a tenant has its own sources only, and without any the wall clock', () => {
  const states = sourceStates([mark(0, { tenant: 'zebra' })], 1, 'acme')
  expect(states).toEqual([])
  expect(tenantTime(states, WALL)).toMatchObject({ nowMs: WALL, mode: 'live' })
  expect(salesCompleteToMs([])).toBeNull()
})

test('history goes before replay, and replay before live', () => {
  const live = { source: 'a', mode: 'live', upTo: '2025-12-31T23:59:59Z' } as const
  const replay = { source: 'b', mode: 'replay', pass: 2, speed: 60 } as const
  const history = { source: 'c', mode: 'history', upTo: '2010-12-01T00:00:00Z' } as const
  const time = (...told: Partial<SourceProgress>[]) =>
    tenantTime(sourceStates([mark(0, ...told)], 1, 'acme'), WALL)
  expect(time(live)).toMatchObject({ nowMs: WALL, mode: 'live' })
  expect(time(live, replay)).toMatchObject({ mode: 'replay', pass: 2, speed: 60 })
  expect(iso(time(live, replay, history).nowMs)).toBe('2010-12-01T00:00:00.000Z')
})

test('only sources of sales hold up the numbers', () => {
  const states = sourceStates(
    [mark(0, {}, { source: 'bank', role: 'payment', upTo: '2001-01-01T00:00:00Z' })],
    1,
    'acme',
  )
  expect(iso(salesCompleteToMs(states))).toBe('2011-11-17T10:00:00.000Z')
})
