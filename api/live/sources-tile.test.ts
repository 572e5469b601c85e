import { expect, test } from 'vitest'
import type { SourceState } from '../../clickhouse/queries/source-states.ts'
import { type SourceHealth, sourceHealth } from '../../core/contracts/facts.ts'
import { say } from '../../core/contracts/sayings.ts'
import { STALE_AFTER_MS } from '../../core/contracts/source-progress.ts'
import { QUIET_AFTER_MS, sourcesTile } from './sources-tile.ts'

const WALL = Date.parse('2026-01-01T00:00:00Z')
const STATE: SourceState = {
  source: 'shop',
  role: 'sale',
  completeToMs: WALL,
  polledAtMs: WALL,
  factAtMs: WALL,
  mode: 'live',
  speed: 1,
  pass: null,
  note: 'note',
}
const health = (told: Partial<SourceHealth>): SourceHealth =>
  sourceHealth.parse({
    type: 'source.health',
    schemaVersion: 1,
    tenant: 'acme',
    source: 'shop',
    at: '2026-01-01T00:00:00Z',
    state: 'running',
    ...told,
  })

test.each<[string, Partial<SourceState>, Partial<SourceHealth>]>([
  ['fresh', {}, {}],
  ['fresh', { polledAtMs: WALL - STALE_AFTER_MS, factAtMs: WALL - QUIET_AFTER_MS }, {}],
  ['quiet', { factAtMs: WALL - QUIET_AFTER_MS - 1 }, {}],
  ['quiet', { factAtMs: null }, {}],
  ['stale', { polledAtMs: WALL - STALE_AFTER_MS - 1, factAtMs: null }, {}],
  ['loading', { mode: 'history', polledAtMs: 0 }, {}],
  ['ended', { polledAtMs: 0 }, { state: 'ended' }],
])('%s', (freshness, state, told) => {
  expect(sourcesTile([{ ...STATE, ...state }], [health(told)], WALL)).toMatchObject([
    { freshness, message: 'note' },
  ])
})

test('does not call a source stale or live whose words may be in the log still', () => {
  const silent = { ...STATE, polledAtMs: WALL - STALE_AFTER_MS - 1 }
  const words = (state: SourceState, backlog: number, told: Partial<SourceHealth> = {}) =>
    sourcesTile([state], [health(told)], WALL, backlog).map(({ freshness }) => freshness)
  expect(words(silent, 1)).toEqual(['loading'])
  expect(words(STATE, 1)).toEqual(['loading'])
  expect(words(silent, 0)).toEqual(['stale'])
  expect(words(silent, 1, { state: 'ended' })).toEqual(['ended'])
})

test('a source that only said that it starts is there already', () => {
  const tile = sourcesTile([STATE], [health({ source: 'new', state: 'starting', message: 'hello' })], WALL)
  expect(tile.map(({ source, freshness, completeTo }) => [source, freshness, completeTo])).toEqual([
    ['new', 'loading', null],
    ['shop', 'fresh', '2026-01-01T00:00:00.000Z'],
  ])
})

test('tells what a source says with the code that stands for it, and nothing of a code where it has none', () => {
  const told = (said: Partial<SourceHealth>, state: SourceState[] = [STATE]) => {
    const [{ message, code, params } = { message: '' }] = sourcesTile(state, [health(said)], WALL)
    return { message, code, params }
  }
  const pass = say('replay.pass', { pass: 1, speed: 60 })
  expect(told(pass)).toEqual(pass)
  expect(told(pass, [])).toEqual(pass)
  expect(told({ message: 'in its own words' })).toEqual({ message: 'in its own words' })
  // Its position stands there then, of which a code would say something else.
  expect(told({ code: 'replay.pass' })).toEqual({ message: 'note' })
})
