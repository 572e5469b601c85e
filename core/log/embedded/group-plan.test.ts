import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignPartitions } from '../assign-partitions.ts'
import { decideStep, type GroupView } from './group-plan.ts'

/** A group as its rows and its members know it; each member takes one step at a time, in any order. */
class Group {
  members = new Map<string, { isAlive: boolean }>()
  owners = new Map<number, string>()
  /** What each member's handlers were told. */
  told = new Map<string, number[]>()
  readonly partitions: number

  constructor(partitions: number) {
    this.partitions = partitions
  }

  /** False when the member has nothing to do. */
  step(me: string): boolean {
    const step = decideStep(this as GroupView, me, this.told.get(me) ?? [])
    if (step.kind === 'wait' || step.kind === 'settled') return false
    if (step.kind === 'register') this.members.set(me, { isAlive: true })
    if (step.kind === 'expire') for (const dead of step.dead) this.remove(dead)
    if (step.kind === 'revoke') this.release(me)
    if (step.kind === 'claim') {
      for (const partition of step.partitions) this.owners.set(partition, me)
      this.told.set(me, step.partitions)
    }
    return true
  }

  release(me: string): void {
    for (const [partition, owner] of this.owners) if (owner === me) this.owners.delete(partition)
    this.told.set(me, [])
  }

  remove(dead: string): void {
    for (const [partition, owner] of this.owners) if (owner === dead) this.owners.delete(partition)
    this.members.delete(dead)
  }
}

const NAMES = ['a', 'b', 'c', 'd'] as const

describe('the plan of a group', () => {
  it('assigns each partition to one member, as evenly as can be', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 40 }),
        (ids, n) => {
          const lists = [...assignPartitions(ids, n).values()]
          expect(lists.flat().sort((a, b) => a - b)).toEqual(
            Array.from({ length: n }, (_, partition) => partition),
          )
          const sizes = lists.map((list) => list.length)
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
        },
      ),
    )
  })

  it('never gives a partition to two living members, and settles, in any order of steps, deaths and returns', () => {
    const event = fc.record({
      name: fc.constantFrom(...NAMES),
      dies: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    })
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 80 }),
        fc.integer({ min: 1, max: 5 }),
        (events, partitions) => {
          const group = new Group(partitions)
          const living = new Set<string>()
          for (const { name, dies } of events) {
            if (dies && living.delete(name)) {
              group.members.set(name, { isAlive: false })
              group.told.delete(name)
            } else if (!group.members.has(name) || group.members.get(name)!.isAlive) {
              living.add(name)
              group.step(name)
            }
            const held = [...living].flatMap((each) => group.told.get(each) ?? [])
            expect(new Set(held).size).toBe(held.length)
          }
          if (living.size === 0) return
          let steps = 0
          while ([...living].filter((name) => group.step(name)).length > 0) expect(++steps).toBeLessThan(50)
          const held = [...living].flatMap((each) => group.told.get(each) ?? []).sort((a, b) => a - b)
          expect(held).toEqual(Array.from({ length: partitions }, (_, partition) => partition))
        },
      ),
    )
  })

  it('lets go of what others took while the member was given up', () => {
    const view = { members: new Map([['a', { isAlive: true }]]), owners: new Map(), partitions: 2 }
    expect(decideStep(view, 'b', [0, 1]).kind).toBe('register')
    view.members.set('b', { isAlive: true })
    expect(decideStep(view, 'b', [0, 1]).kind).toBe('revoke')
  })
})
