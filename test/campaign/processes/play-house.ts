/** Rounds in one house: it sells, faults strike, they end, all is taken, the oracle speaks. */
import { setTimeout as delay } from 'node:timers/promises'
import { errorMessage } from '../../../core/runtime/errors.ts'
import { Random } from '../../oracle/random.ts'
import { Deck } from './faults.ts'
import { judgeHouse } from './judge-house.ts'
import { patiently } from './patience.ts'
import type { ProcessFault } from './process-fault.ts'
import type { ProcessWorld } from './process-world.ts'
import { openSelling, type Selling } from './selling.ts'

export interface Round {
  nth: number
  faults: readonly string[]
  /** From the end of the faults until the table had all that the log had then. */
  recoveredMs: number
  /** Until no view was apart any more. */
  auditedMs: number
  /** Orders in the books so far. */
  orders: number
  /** What was wrong; empty where the house has survived. */
  said: string[]
}

export interface PlayOptions {
  seed: number
  rounds: number
  /** Instead of a choice, round by round. */
  faults?: readonly (readonly ProcessFault[])[]
  /** No round begins behind it. */
  until: number
  onRound: (round: Round) => void
}

const RECOVERED_MS = 120_000
const BETWEEN_FAULTS_MS = 1_500

/** False when a round was not survived; then the house is of no use any more. */
export async function playHouse(world: ProcessWorld, options: PlayOptions): Promise<boolean> {
  const { seed, rounds, onRound } = options
  const door = { door: () => world.roles.door(), key: world.key }
  const deck = new Deck(new Random(seed * 7_919))
  const selling = openSelling(world.house, new Random(seed), door, world.pace.pushEveryMs)
  try {
    for (let nth = 1; nth <= rounds && performance.now() < options.until; nth++) {
      const random = new Random(seed * 1_009 + nth)
      const faults = options.faults?.[nth - 1]?.filter(({ fits }) => fits(world)) ?? deck.draw(world)
      const round = await playRound(world, selling, { nth, faults, random })
      onRound(round)
      if (round.said.length > 0) return false
    }
    return true
  } finally {
    await selling.abort()
  }
}

interface RoundPlan {
  nth: number
  faults: readonly ProcessFault[]
  random: Random
}

async function playRound(world: ProcessWorld, selling: Selling, plan: RoundPlan): Promise<Round> {
  const { nth, faults, random } = plan
  const round = { nth, faults: faults.map(({ name }) => name), recoveredMs: 0, auditedMs: 0, orders: 0 }
  const said: string[] = []
  try {
    selling.begin()
    await delay(random.int(...world.pace.steadyMs))
    await strikeAll(world, plan)
    if (!faults.some(({ endsRoles }) => endsRoles)) said.push(...world.roles.fallen())
    const revivedMs = await world.roles.revive()
    await world.apart?.host.settle()
    round.recoveredMs = revivedMs + (await caughtUp(world))
    await selling.finish(async () => void (await caughtUp(world)))
    // It tells progress for as long as it lives, and the oracle wants a log that stands still.
    await world.roles.end('ingest', 'SIGTERM')
    await caughtUp(world)
    const judgement = await judgeHouse(world, selling.books())
    said.push(...judgement.said)
    await world.roles.revive()
    return { ...round, said, auditedMs: judgement.auditedMs, orders: selling.orders() }
  } catch (error) {
    return { ...round, orders: selling.orders(), said: [...said, errorMessage(error)] }
  }
}

/** One after the other at random moments; they end together, the last one first. */
async function strikeAll(world: ProcessWorld, { faults, random }: RoundPlan): Promise<void> {
  const ends: (() => void | Promise<void>)[] = []
  try {
    for (const fault of faults) {
      ends.push(await fault.strike(world, random))
      await delay(random.int(0, BETWEEN_FAULTS_MS))
    }
    await delay(Math.max(world.pace.holdMs, ...faults.map(({ minHoldMs = 0 }) => minHoldMs)))
  } finally {
    for (const end of ends.toReversed()) await end()
  }
}

/** All that the log has at this moment: more may be sold meanwhile. Resolves with how long it took. */
async function caughtUp({ house }: ProcessWorld): Promise<number> {
  let ends: number[] | undefined
  return patiently('the table has what the log had', RECOVERED_MS, async () => {
    ends ??= await house.ends()
    return house.hasTaken(ends)
  })
}
