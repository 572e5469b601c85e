/**
 * What a seed decides before anything happens: how large the world is, and which faults it has. Each fault is there in some
 * worlds and not in others, so that no fault hides behind a louder one.
 */
import { Random } from '../../oracle/random.ts'
import type { ServerHabits } from './simulated-warehouse.ts'

export interface Plan {
  seed: number
  partitions: number
  processes: number
  orders: number
  maxRecords: number
  ring: number
  /** Records of one append, and the longest pause between two. */
  appendRecords: number
  appendEveryMs: number
  shuffleWindow: number
  duplicates: 'none' | 'every-fifth'
  badRecords: boolean
  /** Orders that the table refuses. */
  refusedOrders: number
  /** The log holds records before the table is made, and is taken from its beginning. */
  takesLog: boolean
  /** Mean time between two of a kind in ms; Infinity where there is none. */
  killEveryMs: number
  stopEveryMs: number
  pauseEveryMs: number
  crashEveryMs: number
  rebalanceEveryMs: number
  auditEveryMs: number
  trimEveryMs: number
  /** How long a barrier may last: with the shorter one there is hardly time for a repair. */
  barrierMs: number
  splitBrain: number
  network: { refused: number; lost: number; stalled: number; stalledMs: number; maxLatencyMs: number }
  log: { unreachable: number; gaps: number; maxLatencyMs: number }
  server: ServerHabits
}

export function planOf(seed: number): Plan {
  const random = new Random(seed)
  const some = (chance: number, value: number) => (random.chance(chance) ? value : 0)
  const every = (chance: number, ms: number) => (random.chance(chance) ? ms : Number.POSITIVE_INFINITY)
  const maxRecords = random.pick([1, 2, 3, 4, 4, 6, 8, 30])
  return {
    seed,
    partitions: random.int(1, 2),
    processes: random.pick([1, 2, 2, 3]),
    orders: random.int(1, 5),
    maxRecords,
    ring: Math.max(16, 2 ** Math.ceil(Math.log2(maxRecords * 4))) * random.pick([1, 1, 8]),
    appendRecords: random.int(2, 24),
    appendEveryMs: random.pick([50, 400, 1_500]),
    shuffleWindow: random.pick([0, 5, 20]),
    duplicates: random.pick(['none', 'every-fifth']),
    badRecords: random.chance(0.25),
    refusedOrders: random.chance(0.25) ? random.int(1, 3) : 0,
    takesLog: random.chance(0.15),
    killEveryMs: every(0.5, random.pick([800, 3_000])),
    stopEveryMs: every(0.2, 3_000),
    pauseEveryMs: every(0.4, 2_000),
    crashEveryMs: every(0.3, 4_000),
    rebalanceEveryMs: every(0.5, random.pick([500, 2_500])),
    auditEveryMs: every(0.3, 1_000),
    trimEveryMs: every(0.3, 1_500),
    splitBrain: some(0.5, 0.7),
    barrierMs: random.pick([7_500, 30_000]),
    network: {
      refused: some(0.3, 0.05),
      lost: some(0.5, random.pick([0.05, 0.25])),
      stalled: some(0.3, 0.2),
      stalledMs: random.pick([300, 9_000, 60_000]),
      maxLatencyMs: random.pick([1, 5, 30]),
    },
    log: {
      unreachable: some(0.25, 0.04),
      gaps: some(0.3, 0.1),
      maxLatencyMs: random.pick([0.5, 5]),
    },
    server: {
      stepMs: random.pick([2, 10, 60]),
      slow: some(0.5, 0.1),
      slowMs: random.pick([400, 9_000]),
      deaf: 0.3,
      hangs: some(0.2, 0.03),
      lateRepairs: some(0.4, 0.6),
      viewThrows: some(0.5, 0.3),
      outOfMemory: some(0.2, 0.15),
    },
  }
}
