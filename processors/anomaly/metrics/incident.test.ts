import fc from 'fast-check'
import { expect, it } from 'vitest'
import { groupAlarms, type SeriesAlarm, staleTrigger } from './group-alarms.ts'
import { type Incident, type IncidentEvent, MAX_SILENCE_MS, type Notice, stepIncident } from './incident.ts'
import { titleOf } from './incident-words.ts'

const MINUTE = 60_000
const T0 = Date.UTC(2026, 10, 22, 12)
const total: SeriesAlarm = {
  ...{ tenant: 'acme', metric: 'orders', dimension: 'total', member: '', sources: ['shop', 'market'] },
  ...{ direction: 'fall', cause: 'level', observed: 40, expected: 100, low: 70, high: 130, z: -7 },
}
const part = (
  dimension: 'source' | 'region',
  member: string,
  observed: number,
  expected: number,
): SeriesAlarm => ({
  ...{ ...total, dimension, member, observed, expected },
  sources: dimension === 'source' ? [member] : total.sources,
})
const trigger = groupAlarms([total, part('source', 'shop', 10, 68)], new Set())[0]!

it('makes one incident of a total, its sources and its regions, with who contributes most first', () => {
  const parts = [
    part('region', 'SP', 20, 60),
    part('source', 'shop', 5, 60),
    part('source', 'market', 35, 40),
  ]
  const rise: SeriesAlarm = {
    ...total,
    metric: 'refunds',
    direction: 'rise',
    observed: 30,
    expected: 10,
    z: 4,
  }
  const triggers = groupAlarms([...parts, total, rise], new Set())
  expect(triggers.map(({ group }) => group)).toEqual(['acme/sales/fall', 'acme/refunds/rise'])
  expect(triggers[0]).toMatchObject({ kind: 'metric', observed: 40, expected: 100, severity: 'critical' })
  expect(triggers[0]!.part).toEqual({ dimension: 'total', member: '' })
  expect(triggers[0]!.contributors).toEqual([
    { dimension: 'source', member: 'shop', change: -55, share: 55 / 60 },
    { dimension: 'region', member: 'SP', change: -40, share: 40 / 60 },
    { dimension: 'source', member: 'market', change: -5, share: 5 / 60 },
  ])
  expect(triggers[1]).toMatchObject({ subject: 'refunds', direction: 'rise', severity: 'warning' })
})

it('says whose numbers it tells where the whole is as usual: of those in alarm the one that changed most', () => {
  const [one] = groupAlarms([part('source', 'market', 35, 40), part('region', 'SP', 20, 60)], new Set())
  expect(one).toMatchObject({ part: { dimension: 'region', member: 'SP' }, observed: 20, expected: 60 })
  const incident = stepIncident(null, { type: 'trigger', atMs: T0, trigger: one! }).incident!
  expect(titleOf(incident, 'GBP')).toBe('Orders (SP) below usual: 20, usually 70 to 130')
})

it('makes one incident of what is related: revenue says it, and its own parts contribute, in alarm or not', () => {
  const revenue = { ...total, metric: 'revenue', observed: 400, expected: 1_000 }
  const calm = { ...part('source', 'market', 300, 400), metric: 'revenue' }
  const rising = { ...part('source', 'fair', 90, 60), metric: 'revenue' }
  const alarms = [part('source', 'shop', 5, 60), total, revenue]
  const [one, ...others] = groupAlarms(alarms, new Set(), [...alarms, calm, rising])
  expect(others).toEqual([])
  expect(one).toMatchObject({ group: 'acme/sales/fall', subject: 'revenue', observed: 400, low: 70 })
  expect(one!.contributors).toEqual([{ dimension: 'source', member: 'market', change: -100, share: 1 / 6 }])
})

it('never tells of a fall while a source of it is stale: that is data.stale, once for each source', () => {
  const series = fc.record({
    dimension: fc.constantFrom('total', 'source', 'region'),
    metric: fc.constantFrom('orders', 'revenue'),
    member: fc.constantFrom('a', 'b/c'),
    direction: fc.constantFrom('fall', 'rise'),
    sources: fc.uniqueArray(fc.constantFrom('shop', 'market', 'erp'), { minLength: 1 }),
    observed: fc.integer({ min: 1, max: 9 }),
  })
  const stale = fc.uniqueArray(fc.constantFrom('shop', 'market'))
  fc.assert(
    fc.property(fc.array(series, { maxLength: 12 }), stale, (list, silent) => {
      const alarms = list.map((one) => ({ ...total, ...one }) as SeriesAlarm)
      const triggers = groupAlarms(alarms, new Set(silent))
      expect(new Set(triggers.map(({ group }) => group)).size).toBe(triggers.length)
      const isHeld = ({ direction, sources }: SeriesAlarm) =>
        direction === 'fall' && sources.some((source) => silent.includes(source as 'shop'))
      const told = triggers.filter(({ kind }) => kind === 'metric').map(({ group }) => group)
      const free = alarms.filter((alarm) => !isHeld(alarm))
      expect(new Set(told)).toEqual(new Set(free.map((one) => `acme/sales/${one.direction}`)))
      const staleTold = triggers.filter(({ kind }) => kind === 'data.stale').map(({ subject }) => subject)
      const held = alarms
        .filter(isHeld)
        .flatMap(({ sources }) => sources.filter((one) => silent.includes(one as 'shop')))
      expect(new Set(staleTold)).toEqual(new Set(held))
    }),
  )
  expect(groupAlarms([total], new Set(['shop']))).toEqual([staleTrigger('acme', 'shop')])
})

it('keeps one key from trigger to resolve, and gives the next incident another', () => {
  const { notices, incidents } = play([
    { type: 'trigger', atMs: T0, trigger },
    { type: 'trigger', atMs: T0 + MINUTE, trigger },
    { type: 'acknowledge', atMs: T0 + MINUTE, owner: 'ana' },
    { type: 'acknowledge', atMs: T0 + 2 * MINUTE, owner: 'bia' },
    { type: 'resolve', atMs: T0 + 3 * MINUTE },
    { type: 'resolve', atMs: T0 + 4 * MINUTE },
    { type: 'trigger', atMs: T0 + 5 * MINUTE, trigger },
  ])
  expect(notices).toEqual(['opened', null, 'acknowledged', null, 'resolved', null, 'opened'])
  expect(incidents[3]).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ana' })
  const keys = incidents.map((incident) => incident!.dedupKey)
  expect(new Set(keys.slice(0, 6))).toEqual(new Set(['acme/sales/fall/2026-11-22T12:00:00.000Z']))
  expect(keys[6]).toBe('acme/sales/fall/2026-11-22T12:05:00.000Z')
})

it('tells again when it gets worse or another contributes most, and never calls it better', () => {
  const worse = { ...trigger, severity: 'critical' } as const
  const mild = { ...trigger, severity: 'info' } as const
  const other = { ...worse, contributors: [{ ...trigger.contributors[0]!, member: 'market' }] }
  const { notices, incidents } = play(
    [mild, worse, mild, other].map((one, n) => ({ type: 'trigger', atMs: T0 + n, trigger: one })),
  )
  expect(notices).toEqual(['opened', 'updated', null, 'updated'])
  expect(incidents.at(-1)!.severity).toBe('critical')
})

it('is silent as long as its owner asked, a week at most, but says when it is over', () => {
  const critical = { ...trigger, contributors: [] }
  const untilMs = T0 + 10 * MINUTE
  const { notices } = play([
    { type: 'trigger', atMs: T0, trigger },
    { type: 'silence', atMs: T0 + 1, owner: 'ana', untilMs },
    { type: 'silence', atMs: T0 + 1, owner: 'ana', untilMs },
    { type: 'trigger', atMs: T0 + 2, trigger: critical },
    { type: 'tick', atMs: untilMs - 1 },
    { type: 'tick', atMs: untilMs },
    { type: 'tick', atMs: untilMs + 1 },
    { type: 'trigger', atMs: untilMs + 2, trigger },
    { type: 'silence', atMs: untilMs + 3, owner: 'ana', untilMs: Number.MAX_SAFE_INTEGER },
    { type: 'resolve', atMs: untilMs + 4 },
  ])
  expect(notices).toEqual([
    'opened',
    'silenced',
    null,
    null,
    null,
    'resumed',
    null,
    'updated',
    'silenced',
    'resolved',
  ])
  const silenced = play([
    { type: 'trigger', atMs: T0, trigger },
    { type: 'silence', atMs: T0, owner: 'ana', untilMs: Number.MAX_SAFE_INTEGER },
  ]).incidents.at(-1)
  expect(silenced!.silence!.untilMs).toBe(T0 + MAX_SILENCE_MS)
})

it('takes what a person asked though it comes late, and ignores late triggers', () => {
  const { notices } = play([
    { type: 'trigger', atMs: T0, trigger },
    { type: 'trigger', atMs: T0 + MINUTE, trigger: { ...trigger, severity: 'critical' } },
    { type: 'resolve', atMs: T0 + 1 },
    { type: 'acknowledge', atMs: T0 + 1, owner: 'ana' },
    { type: 'acknowledge', atMs: T0 - 1, owner: 'ana' },
  ])
  expect(notices).toEqual(['opened', null, null, 'acknowledged', null])
})

it('tells nothing twice, whatever is repeated', () => {
  const atMs = fc.integer({ min: T0, max: T0 + 20 })
  const event: fc.Arbitrary<IncidentEvent> = fc.oneof(
    fc.record({
      type: fc.constant('trigger'),
      atMs,
      trigger: fc.constantFrom(trigger, { ...trigger, severity: 'critical' as const }),
    }),
    fc.record({ type: fc.constant('acknowledge'), atMs, owner: fc.constantFrom('ana', 'bia') }),
    fc.record({
      type: fc.constant('silence'),
      atMs,
      owner: fc.constant('ana'),
      untilMs: fc.integer({ min: T0, max: T0 + 40 }),
    }),
    fc.record({ type: fc.constant('tick'), atMs }),
    fc.record({ type: fc.constant('resolve'), atMs }),
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 25 }), (events) => {
      const once = play(events)
      const twice = play(events.flatMap((one) => [one, one]))
      expect(twice.notices.filter((_, at) => at % 2 === 1).every((notice) => notice === null)).toBe(true)
      expect(twice.notices.filter((_, at) => at % 2 === 0)).toEqual(once.notices)
      expect(twice.incidents.at(-1)).toEqual(once.incidents.at(-1))
      // Opened and resolved take turns.
      const ends = once.notices.filter((notice) => notice === 'opened' || notice === 'resolved')
      expect(ends.every((notice, at) => notice === (at % 2 === 0 ? 'opened' : 'resolved'))).toBe(true)
    }),
    { numRuns: 200 },
  )
})

function play(events: readonly IncidentEvent[]): { notices: Notice[]; incidents: (Incident | null)[] } {
  let incident: Incident | null = null
  const notices: Notice[] = []
  const incidents: (Incident | null)[] = []
  for (const event of events) {
    const step = stepIncident(incident, event)
    incident = step.incident
    notices.push(step.notice)
    incidents.push(incident)
  }
  return { notices, incidents }
}
