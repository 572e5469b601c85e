/** A world of the oracle behind a data folder, so that commands of other processes find it as they find a running `up`. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import { lockFolder } from '../../core/runtime/lock-folder.ts'
import { readLastMark } from '../../processors/orders/read-position.ts'
import { type Ran, runRevwall } from '../cli/run-revwall.ts'
import { type EngineHost, startEngineHost } from '../faults/engine-host.ts'
import { whileProcessing } from '../faults/processors.ts'
import { seededRandom } from '../faults/random.ts'
import { TENANT } from '../faults/sales.ts'
import { until } from '../faults/until.ts'
import { openWorld, PARTITIONS, type World } from '../faults/world.ts'
import type { Books } from '../oracle/books.ts'
import { checkOracle } from '../oracle/check-oracle.ts'
import { booksOfRows, foldLog } from '../oracle/read-log.ts'
import { startTestEngine } from '../with-engine.ts'

/** Some hundred records: a batch costs a tenth of a second whatever its size. */
export const BATCHES = { limits: { maxRecords: 100, minIntervalMs: 20 } }
/** Seconds, where the machine has nothing else to do. */
const CAUGHT_UP_MS = 80_000
/** The copied log has members that were alive; longer than a busy machine lets the new one wait for its turn. */
const GIVEN_UP_MS = 3_000

export interface BackupBed {
  world: World
  host: EngineHost
  /** A new path below the test's folder. */
  path(name: string): string
  /** A command on the data folder of the world, or on another one. */
  run(args: string[], dataFolder?: string, env?: Record<string, string>): Promise<Ran>
  /** Takes what the log of a data folder has more, and compares everything. Without books: with a fold of the log. */
  differences(dataFolder: string, books?: Books): Promise<string[]>
  /** The log of the world as it is now. */
  copyLog(to: string): void
  stop(): Promise<void>
}

export async function openBackupBed(): Promise<BackupBed> {
  const folder = mkdtempSync(join(tmpdir(), 'revwall-backup-'))
  const host = await startEngineHost()
  const world = await openWorld(host)
  world.sales.begin(seededRandom(7), { orders: 100, bad: false })
  const path = (name: string) => join(folder, name)
  mkdirSync(path('data'))
  symlinkSync(host.folder, path('data/clickhouse'))
  symlinkSync(world.logFolder, path('data/log'))
  const lock = lockFolder(path('data'))
  lock.tell({ page: '', warehouse: host.engine.url })
  return {
    world,
    host,
    path,
    run: (args, dataFolder = path('data'), env = {}) =>
      runRevwall(args, {
        REVWALL_DATA: dataFolder,
        REVWALL_PARTITIONS: String(PARTITIONS),
        REVWALL_TENANTS: JSON.stringify([TENANT]),
        ...env,
      }),
    differences: (dataFolder, books) => differences(world, dataFolder, books),
    copyLog: (to) => cpSync(world.logFolder, to, { recursive: true }),
    stop: async () => {
      lock.release()
      await world.close()
      await host.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function differences(world: World, dataFolder: string, books?: Books): Promise<string[]> {
  const logFolder = join(dataFolder, 'log')
  const openLog = () => openEmbeddedLog({ folder: logFolder, sessionTimeoutMs: GIVEN_UP_MS })
  const log = await openLog()
  const engine = await startTestEngine({ folder: join(dataFolder, 'clickhouse') })
  const { warehouse } = engine
  const { database } = world
  const restored: World = { ...world, log, host: { ...world.host, warehouse }, openLog }
  try {
    await whileProcessing(restored, () => until('it has the log', () => hasLog(restored), CAUGHT_UP_MS))
    const tenants = new Map([[TENANT.id, TENANT]])
    const folded = async () => booksOfRows((await foldLog({ log, topic: 'orders', tenants })).values())
    const found = await checkOracle({
      ...{ log, warehouse, database, tenants: [TENANT] },
      books: books ?? (await folded()),
      openDeadLetters: [],
    })
    // A fold knows no articles; that the view has what the base has is compared all the same.
    return books === undefined
      ? found.filter((line) => !/^products_v1: (north|and \d+ more)/.test(line))
      : found
  } finally {
    await log.close()
    await warehouse.close()
    await engine.engine.stop()
  }
}

async function hasLog({ host, log, database }: World): Promise<boolean> {
  for (let partition = 0; partition < log.partitions('orders'); partition++) {
    const mark = await readLastMark({ warehouse: host.warehouse, database, topic: 'orders', partition })
    if ((mark?.last ?? -2) + 1 !== (await log.bounds('orders', partition)).next) return false
  }
  return true
}
