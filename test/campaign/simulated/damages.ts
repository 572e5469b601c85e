/**
 * Tables and logs that do not fit each other any more: a recovery must refuse each of them with its own code, and take the
 * undamaged ones. One damage for each seed, on what the seed has left behind.
 */
import { errorCode } from '../../../core/runtime/errors.ts'
import { recoverPartition } from '../../../processors/orders/recover-partition.ts'
import { TOPIC } from './house.ts'
import { DATABASE } from './sql-shapes.ts'
import type { World } from './world.ts'

interface Damage {
  code: string
  /** Done to the first partition; the incarnation of the log that is found then. */
  damage(world: World): string | undefined
}

const PARTITION = 0

const DAMAGES: readonly Damage[] = [
  { code: 'LOG_INCARNATION', damage: () => 'another life' },
  {
    code: 'LOG_ENDS_BEFORE_MARK',
    damage: ({ log }) => {
      const stored = log.partition(TOPIC, PARTITION)
      stored.next = stored.records.pop()!.offset
      return undefined
    },
  },
  {
    code: 'LOG_BEGINS_AFTER_MARK',
    damage: ({ log }) => {
      const { records } = log.partition(TOPIC, PARTITION)
      log.append(
        TOPIC,
        [1, 2].map(() => ({ ...records.at(-1)!, partition: PARTITION })),
      )
      log.trim(TOPIC, PARTITION, records.at(-1)!.offset)
      return undefined
    },
  },
  {
    code: 'LOG_DIFFERS',
    damage: ({ log }) => {
      const { records } = log.partition(TOPIC, PARTITION)
      const last = records.at(-1)!
      const value = Buffer.concat([last.value, Buffer.from('x')])
      records[records.length - 1] = { ...last, value }
      return undefined
    },
  },
  {
    code: 'MARK_CHAIN_BROKEN',
    damage: (world) => changeMarks(world, (marks) => marks.filter((_, i) => i !== marks.length - 2)),
  },
  {
    code: 'MARK_CHAIN_BROKEN',
    damage: (world) => changeMarks(world, (marks) => [...marks, { ...marks.at(-1)!, takenAt: 0 }]),
  },
  { code: 'NO_OPENING_MARK', damage: (world) => changeMarks(world, (marks) => marks.slice(1)) },
]

/** An opening mark, one that may be missed, and the last one. */
const MIN_MARKS = 3

export async function checkRefusals(world: World): Promise<string[]> {
  const { seed } = world.plan
  if (world.server.tables.marks(TOPIC, PARTITION).length < MIN_MARKS) return []
  const before = await recovered(world, undefined)
  if (before !== 'recovered') return [`recovery: refused what is whole: ${before}`]
  const { code, damage } = DAMAGES[seed % DAMAGES.length]!
  const after = await recovered(world, damage(world))
  return after === code ? [] : [`recovery: ${code} was expected of a damage, it says: ${after}`]
}

async function recovered(world: World, incarnation: string | undefined): Promise<string> {
  const { warehouse, log } = world.outsider(incarnation)
  try {
    await recoverPartition({ warehouse, database: DATABASE, topic: TOPIC, partition: PARTITION }, log)
    return 'recovered'
  } catch (error) {
    return errorCode(error) ?? String(error)
  }
}

type Marks = Parameters<World['server']['tables']['replaceMarks']>[2]

function changeMarks({ server }: World, change: (marks: Marks) => Marks): undefined {
  server.tables.replaceMarks(TOPIC, PARTITION, change(server.tables.marks(TOPIC, PARTITION)))
}
