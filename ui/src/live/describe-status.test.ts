import { expect, test } from 'vitest'
import type { Tiles } from '../../../core/contracts/tiles.ts'
import { setMessages } from '../messages.ts'
import { describeExactness } from './describe-exactness.ts'
import { describeCompleteness, describeFault, describeStatus } from './describe-status.ts'
import { emptyWall, type WallState } from './wall-state.ts'

const tenant: Tiles['tenant'] = {
  id: 't',
  name: 'Shop',
  timeZone: 'Europe/London',
  currency: 'GBP',
  mode: 'replay',
  speed: 60,
  pass: 1,
}
const wall = (tiles: Partial<Tiles>, phase: WallState['phase'] = 'live'): WallState => ({
  ...emptyWall('booked'),
  phase,
  tiles: { tenant, ...tiles },
  eventTime: '2011-11-17T14:32:05Z',
})

test('marks a replay plainly, and being offline before all else', () => {
  expect(describeStatus(wall({})).text).toBe('replay 60×')
  expect(describeStatus(wall({ tenant: { ...tenant, pass: 2 } })).text).toBe('replay 60×, pass 2')
  expect(describeStatus(wall({ tenant: { ...tenant, mode: 'live' } })).text).toBe('live')
  expect(describeStatus(wall({}, 'resyncing'))).toMatchObject({ icon: 'resync', text: 'resyncing' })
  expect(describeStatus(wall({}, 'offline'))).toMatchObject({ icon: 'offline', tone: 'bad' })
})

test('is catching up, and neither live nor without its sources, until the log of before was taken', () => {
  const health = { warehouse: 'up', processor: 'running', message: '' } as const
  const live: Tiles['tenant'] = { ...tenant, mode: 'live' }
  const behind = wall({ tenant: live, health: { ...health, backlog: 12_000 } })
  expect(describeStatus(behind)).toEqual({ icon: 'loading', text: 'catching up', tone: 'soft' })
  expect(describeFault(behind)).toBeNull()
  expect(describeStatus({ ...behind, phase: 'offline' }).text).toBe('offline')
  expect(describeStatus(wall({ tenant: live, health })).text).toBe('live')
})

test('says that sources have ended or do not answer, whatever they did before', () => {
  const source = {
    source: 's',
    role: 'sale',
    completeTo: null,
    polledAt: null,
    lastFactAt: null,
    message: '',
  }
  const history: Tiles['tenant'] = { ...tenant, mode: 'history' }
  const of = (...words: Tiles['sources'][number]['freshness'][]) =>
    describeStatus(wall({ tenant: history, sources: words.map((freshness) => ({ ...source, freshness })) }))
      .text
  expect(of('ended')).toBe('all played')
  expect(of('stale')).toBe('source does not answer')
  expect(of('loading', 'ended')).toBe('loading history')
})

test('tells the progress of the history, and offline the time of the last values', () => {
  const history = { loaded: 50, total: 200, perSecond: 1_234.4, secondsLeft: 130 }
  expect(describeCompleteness(wall({ history }))).toBe('25 % loaded · 2 min left · 1,234/s')
  expect(describeCompleteness(wall({ history }, 'offline'))).toBe('last values of 14:32:05')
  expect(describeCompleteness(wall({ history }, 'resyncing'))).toBe('last values of 14:32:05')
})

test('names the part that does not work', () => {
  const health = { warehouse: 'restarting', processor: 'running', message: '' } as const
  expect(describeFault(wall({ health }))?.text).toBe('database restarting, values kept')
  expect(describeFault(wall({ health: { ...health, warehouse: 'up' } }))).toBeNull()
  expect(
    describeFault(wall({ health: { warehouse: 'up', processor: 'halted', message: 'guard' } }))?.text,
  ).toBe('orders processor halted: guard')
})

test('says in the language of the page what the server has a code for, and as it came what it has none for', () => {
  const halted = { warehouse: 'up', processor: 'halted', message: 'processor not running' } as const
  const say = (more: Partial<Tiles['health']>) =>
    describeFault(wall({ health: { ...halted, ...more } }))?.text
  expect(say({ code: 'processor.gone' })).toBe(
    'orders processor halted: none is running; start one: revwall process',
  )
  expect(say({ code: 'LOG_CORRUPT' })).toBe('orders processor halted: processor not running')
  setMessages('pt-BR')
  try {
    expect(say({ code: 'processor.gone' })).toMatch(/: nenhum está rodando; inicie um: /)
    expect(say({ code: 'shop.rate', params: { rate: 5 } })).toMatch(/: 5 pedidos por segundo$/)
    expect(say({ code: 'of.a.newer.server' })).toMatch(/: processor not running$/)
    expect(say({})).toMatch(/: processor not running$/)
  } finally {
    setMessages('en')
  }
})

test('a drift outranks a running proof; a cent is shown as a cent', () => {
  const now = Date.parse('2026-01-01T00:00:03Z')
  const proved: Tiles['exactness'] = {
    driftE4: '0',
    driftedBuckets: 0,
    provedAt: '2026-01-01T00:00:00Z',
    verifying: false,
    deadLetters: 0,
  }
  const say = (part: Partial<Tiles['exactness']>) =>
    describeExactness({ ...proved, ...part }, 'GBP', now).text
  expect(say({})).toBe('= exact: 0.00 drift, proved 3 s ago')
  expect(say({ verifying: true })).toBe('verifying…')
  expect(say({ driftE4: '100', driftedBuckets: 1, verifying: true })).toBe('≠ drift 0.01 in 1 bucket')
})
