import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import type { LogUnderTest } from '../conformance.ts'
import type { EventLog, GroupMembership } from '../event-log.ts'
import { PARTITIONS, TOPIC, useLog } from './bench.ts'

const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition)
/** Long enough for a rebalance of any implementation. */
const REBALANCE = { timeout: 20_000, interval: 10 }

export function describeGroups(open: () => Promise<LogUnderTest>): void {
  describe('groups', () => {
    const bench = useLog(open)

    it('gives all partitions to one member', async () => {
      const one = await joinAs(bench.log, 'g')
      await vi.waitFor(() => expect(sorted(one)).toEqual(ALL), REBALANCE)
      expect(one.told).toEqual(['+0,1,2'])
    })

    it('divides the partitions when a member joins, and gives them back when it leaves', async () => {
      const one = await joinAs(bench.log, 'g')
      const two = await joinAs(await bench.another(), 'g')
      await vi.waitFor(() => {
        expect([...sorted(one), ...sorted(two)].sort()).toEqual(ALL)
        expect(one.membership.assigned().length).toBeGreaterThan(0)
        expect(two.membership.assigned().length).toBeGreaterThan(0)
      }, REBALANCE)
      await two.membership.leave()
      expect(two.membership.assigned()).toEqual([])
      await vi.waitFor(() => expect(sorted(one)).toEqual(ALL), REBALANCE)
      await one.membership.leave()
    })

    it('lets the former owner finish before a partition moves', async () => {
      let working = 0
      const one = await joinAs(bench.log, 'g', async () => {
        working = 1
        await delay(200)
        working = 0
      })
      await vi.waitFor(() => expect(sorted(one)).toEqual(ALL), REBALANCE)
      const seen: number[] = []
      const second = await bench.another()
      await second.join('g', TOPIC, {
        onAssigned: (list) => void (list.length && seen.push(working)),
        onRevoked: () => {},
      })
      await vi.waitFor(() => expect(seen.length).toBeGreaterThan(0), REBALANCE)
      expect(seen).toEqual(seen.map(() => 0))
    })

    it('never gives a partition to two members, while members come and go', async () => {
      const owners = new Map<number, string>()
      const doubled: number[] = []
      const members: GroupMembership[] = []
      const handle = await bench.another()
      const join = (log: EventLog, name: string) =>
        log.join('g', TOPIC, {
          onAssigned: (list) => {
            doubled.push(...list.filter((partition) => owners.has(partition)))
            for (const partition of list) owners.set(partition, name)
          },
          onRevoked: (list) => {
            for (const partition of list) owners.delete(partition)
          },
        })
      for (let n = 0; n < 6; n++) {
        members.push(await join(n % 2 ? bench.log : handle, `m${n}`))
        if (n % 2) await members.shift()!.leave()
      }
      await vi.waitFor(() => expect([...owners.keys()].sort()).toEqual(ALL), REBALANCE)
      expect(doubled).toEqual([])
    })

    it('divides new partitions, too, when the topic grows', async () => {
      const one = await joinAs(bench.log, 'g')
      const two = await joinAs(await bench.another(), 'g')
      const all = Array.from({ length: 2 * PARTITIONS }, (_, partition) => partition)
      await (await bench.another()).growTopic(TOPIC, all.length)
      await vi.waitFor(() => {
        expect([...sorted(one), ...sorted(two)].sort()).toEqual(all)
        expect(sorted(one)).toHaveLength(PARTITIONS)
      }, REBALANCE)
    })

    it('takes members that join at the same time', async () => {
      const handles = [bench.log]
      for (let n = 1; n < 6; n++) handles.push(await bench.another())
      const members = await Promise.all(handles.map((log) => joinAs(log, 'g')))
      await vi.waitFor(() => expect(members.flatMap(sorted).sort()).toEqual(ALL), REBALANCE)
    })

    it('tells a member that gets no partition', async () => {
      const members: Joined[] = []
      for (let n = 0; n <= PARTITIONS; n++) members.push(await joinAs(bench.log, 'g'))
      await vi.waitFor(() => {
        expect(members.flatMap((member) => sorted(member)).sort()).toEqual(ALL)
        expect(members.filter((member) => member.told.at(-1) === '+')).toHaveLength(1)
      }, REBALANCE)
    })

    it('keeps groups apart', async () => {
      const one = await joinAs(bench.log, 'g')
      const two = await joinAs(bench.log, 'h')
      await vi.waitFor(() => expect([sorted(one), sorted(two)]).toEqual([ALL, ALL]), REBALANCE)
    })

    it('remembers positions, for each group and partition', async () => {
      const one = await joinAs(bench.log, 'g')
      await vi.waitFor(() => expect(sorted(one)).toEqual(ALL), REBALANCE)
      expect(await bench.log.committed('g', TOPIC, 0)).toBeUndefined()
      await bench.log.commit('g', TOPIC, 0, 7)
      await bench.log.commit('g', TOPIC, 1, 0)
      await bench.log.commit('g', TOPIC, 0, 9)
      const second = await bench.another()
      expect(await second.committed('g', TOPIC, 0)).toBe(9)
      expect(await second.committed('g', TOPIC, 1)).toBe(0)
      expect(await second.committed('g', TOPIC, 2)).toBeUndefined()
      expect(await second.committed('h', TOPIC, 0)).toBeUndefined()
    })
  })
}

interface Joined {
  membership: GroupMembership
  /** What the handlers were told: `+` or `-` and the partitions. */
  told: string[]
}

async function joinAs(log: EventLog, group: string, onRevoked?: () => Promise<void>): Promise<Joined> {
  const told: string[] = []
  const membership = await log.join(group, TOPIC, {
    onAssigned: (list) => void told.push(`+${[...list].sort().join()}`),
    onRevoked: async (list) => {
      await onRevoked?.()
      told.push(`-${[...list].sort().join()}`)
    },
  })
  return { membership, told }
}

function sorted({ membership }: Joined): number[] {
  return [...membership.assigned()].sort()
}
