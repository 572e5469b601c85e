/**
 * Table and log that do not fit: every partition that is concerned must halt with the right code, say what to do, and
 * write nothing. When the damage is undone it goes on.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fault, Hit } from '../fault.ts'
import { countRows, keepLog, keepMarks, removeRows, restoreLog, restoreMarks } from '../keep-state.ts'
import { whileProcessing } from '../processors.ts'
import { until } from '../until.ts'
import { PARTITIONS, type World } from '../world.ts'

interface Damage {
  what: string
  code: string
  /** `oldLog` is a folder with the log as it was before the last batches. */
  damage(world: World, oldLog: string): Promise<void>
}

const EVENTS_BEFORE = 30
const WHAT_TO_DO = /Restore the folder|run: revwall/

const DAMAGES: readonly Damage[] = [
  { what: 'a log restored older', code: 'LOG_ENDS_BEFORE_MARK', damage: restoreLog },
  {
    what: 'a log restored older that went on',
    code: 'LOG_DIFFERS',
    damage: restoreLogAndGoOn,
  },
  {
    what: 'a log made anew',
    code: 'LOG_INCARNATION',
    damage: (world) => world.changeLog(() => rmSync(world.logFolder, { recursive: true })),
  },
  {
    what: 'a log trimmed beyond the mark',
    code: 'LOG_BEGINS_AFTER_MARK',
    damage: trimAll,
  },
  { what: 'no mark', code: 'NO_OPENING_MARK', damage: (world) => removeRows(world, 'sign = 0') },
  {
    what: 'marks without the opening one',
    code: 'NO_OPENING_MARK',
    damage: (world) => removeRows(world, 'sign = 0 AND mark_last < mark_first'),
  },
  {
    what: 'a hole in the chain of marks',
    code: 'MARK_CHAIN_BROKEN',
    damage: (world) => removeRows(world, `sign = 0 AND mark_first = 0 AND mark_last >= 0`),
  },
  {
    what: 'a fork in the chain of marks',
    code: 'MARK_CHAIN_BROKEN',
    damage: ({ host, database }) =>
      host.warehouse.command(`INSERT INTO ${database}.order_changes
        SELECT * REPLACE (mark_last + 1 AS mark_last) FROM ${database}.order_changes WHERE sign = 0 AND mark_first = 0 AND mark_last >= 0`),
  },
]

const ALL_PARTITIONS = Array.from({ length: PARTITIONS }, (_, partition) => partition)

/** Other records stand at the offsets of those that were lost. */
async function restoreLogAndGoOn(world: World, oldLog: string): Promise<void> {
  const lost = Math.max(...(await world.marks()))
  await restoreLog(world, oldLog)
  const one = { key: 'k', value: Buffer.from('another'), contentType: 'application/json' as const }
  const records = ALL_PARTITIONS.flatMap((partition) =>
    Array.from({ length: lost }, () => ({ partition, ...one })),
  )
  await world.log.append('orders', records)
}

async function trimAll({ log }: World): Promise<void> {
  for (const partition of ALL_PARTITIONS)
    await log.trim('orders', partition, (await log.bounds('orders', partition)).next)
}

export const refusalsToStart: readonly Fault[] = DAMAGES.map(({ what, code, damage }) => ({
  name: `${what}: ${code}`,
  sells: { bad: false },
  inject: (world) => refuseToStart(world, code, damage),
}))

async function refuseToStart(world: World, code: string, damage: Damage['damage']): Promise<Hit> {
  const folders = mkdtempSync(join(tmpdir(), 'revwall-faults-kept-'))
  const [old, kept] = [join(folders, 'old'), join(folders, 'kept')]
  const goOn = async () => {
    await world.sales.play(EVENTS_BEFORE)
    await world.caughtUp()
  }
  try {
    await whileProcessing(world, goOn)
    await keepLog(world, old)
    await whileProcessing(world, goOn)
    // Some that nobody has taken yet: what is trimmed beyond the mark is then a loss.
    await world.sales.play(EVENTS_BEFORE / 2)
    await keepLog(world, kept)
    await keepMarks(world)
    await damage(world, old)
    const hit = await halted(world, code)
    await restoreLog(world, kept)
    await restoreMarks(world)
    await whileProcessing(world, () => world.settled())
    return hit
  } finally {
    rmSync(folders, { recursive: true, force: true })
  }
}

async function halted(world: World, code: string): Promise<Hit> {
  const rows = await countRows(world)
  const startedAt = performance.now()
  let recoveredMs = 0
  await whileProcessing(world, async ({ halts }) => {
    await until('both partitions halt', () => halts.length === PARTITIONS)
    recoveredMs = performance.now() - startedAt
    const strange = halts.find((halt) => halt.code !== code || !WHAT_TO_DO.test(halt.message))
    if (strange) throw new Error(`it halted with ${strange.code}: ${strange.message}`)
  })
  if ((await countRows(world)) !== rows) throw new Error('it wrote although it should not')
  return { where: `${PARTITIONS} partitions halted, nothing written`, recoveredMs }
}
