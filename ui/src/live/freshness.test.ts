import { expect, test } from 'vitest'
import { completeTo, type Source, sourceFreshness, tileFreshness } from './freshness.ts'
import { applyFrame, emptyWall, type WallState } from './wall-state.ts'

const NOW = Date.parse('2026-01-01T00:12:00Z')
const source = (part: Partial<Source>): Source => ({
  source: 'a',
  role: 'sale',
  completeTo: '2011-11-17T14:32:05Z',
  polledAt: '2026-01-01T00:11:58Z',
  lastFactAt: '2026-01-01T00:06:00Z',
  freshness: 'fresh',
  message: '',
  ...part,
})
const wall = (sources: Source[], part: Partial<WallState> = {}): WallState => ({
  ...emptyWall('booked'),
  phase: 'live',
  tiles: { sources },
  ...part,
})

test('counts fresh from the last word of a source and quiet from the last thing that happened', () => {
  expect(sourceFreshness(source({}), NOW)).toEqual({ word: 'fresh', age: '2 s' })
  expect(sourceFreshness(source({ freshness: 'quiet' }), NOW)).toEqual({ word: 'quiet', age: '6 min' })
  expect(sourceFreshness(source({ freshness: 'ended' }), NOW)).toEqual({ word: 'ended', age: '' })
})

test('says the worst news of the sources of sales, and nothing of the others', () => {
  const stale = source({ freshness: 'stale', polledAt: '2026-01-01T00:00:00Z' })
  expect(tileFreshness(wall([source({}), stale]), NOW)).toEqual({ word: 'stale', age: '12 min' })
  expect(tileFreshness(wall([source({}), { ...stale, role: 'crm' }]), NOW)?.word).toBe('fresh')
  expect(tileFreshness(wall([]), NOW)).toBeNull()
  expect(tileFreshness(wall([source({})], { phase: 'offline' }), NOW)?.word).toBe('offline')
})

test('is complete to the earliest of the sources of sales', () => {
  const earlier = source({ completeTo: '2011-11-17T14:00:00Z' })
  expect(completeTo(wall([source({}), earlier]))).toBe('2011-11-17T14:00:00Z')
  expect(completeTo(wall([source({}), source({ completeTo: null })]))).toBeNull()
})

test('ages the numbers from when the warehouse was first lost, until it is up again', () => {
  const head = { epoch: 'e', eventTime: '2011-11-17T14:32:05Z' }
  const health = (warehouse: 'up' | 'restarting') =>
    ({ health: { warehouse, processor: 'running', message: '' } }) as const
  let state = emptyWall('booked')
  const at = (serverTime: string, seq: number, warehouse: 'up' | 'restarting') => {
    const frame = { ...head, serverTime, seq, prev: seq - 1, set: health(warehouse) }
    state = applyFrame(
      state,
      seq === 1 ? { ...frame, type: 'snapshot' } : { ...frame, type: 'update' },
      0,
    ).state
  }
  at('2026-01-01T00:00:00Z', 1, 'restarting')
  at('2026-01-01T00:05:00Z', 2, 'restarting')
  expect(tileFreshness(state, NOW)).toEqual({ word: 'stale', age: '12 min' })
  at('2026-01-01T00:12:00Z', 3, 'up')
  expect(state.warehouseLostAt).toBeNull()
})
