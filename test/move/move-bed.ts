/** A data folder that has sold, and places to move it to: a broker, and a ClickHouse server that is nobody's child here. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestBroker, type TestBroker } from '../../core/log/kafka/testing/test-broker.ts'
import { type RevwallProcess, startRevwall } from '../cli/revwall-process.ts'
import { type Ran, runRevwall } from '../cli/run-revwall.ts'
import { type EngineHost, startEngineHost } from '../faults/engine-host.ts'
import { whileProcessing } from '../faults/processors.ts'
import { seededRandom } from '../faults/random.ts'
import { TENANT } from '../faults/sales.ts'
import { openWorld, PARTITIONS, type World } from '../faults/world.ts'

const BATCHES = { limits: { maxRecords: 100, minIntervalMs: 20 } }
export const PREFIX = 'moved.'

export interface MoveBed {
  world: World
  /** Of the folder. */
  old: EngineHost
  /** The server to move to. */
  server: EngineHost
  broker: TestBroker
  folder: string
  /** A new path beside the data folder. */
  path(name: string): string
  /** The environment of the new place. */
  kafka: Record<string, string>
  clickhouse(): Record<string, string>
  run(args: string[], env: Record<string, string>, dataFolder?: string): Promise<Ran>
  start(args: string[], env: Record<string, string>): RevwallProcess
  /** Sells what another source has, with edits, refunds, repetitions and faulty records, and takes all of it. */
  sell(seed: number, orders: number): Promise<void>
  /** Tables that are at the server. */
  tables(): Promise<string[]>
  stop(): Promise<void>
}

export async function openMoveBed(): Promise<MoveBed> {
  const top = mkdtempSync(join(tmpdir(), 'revwall-move-'))
  const [old, server, broker] = await Promise.all([startEngineHost(), startEngineHost(), startTestBroker()])
  const world = await openWorld(old)
  const path = (name: string) => join(top, name)
  const folder = path('data')
  mkdirSync(folder)
  symlinkSync(old.folder, join(folder, 'clickhouse'))
  symlinkSync(world.logFolder, join(folder, 'log'))
  const own = {
    REVWALL_PARTITIONS: String(PARTITIONS),
    REVWALL_TENANTS: JSON.stringify([TENANT]),
    REVWALL_INGEST_PORT: '0',
  }
  return {
    ...{ world, old, server, broker, folder, path },
    kafka: { KAFKA_BROKERS: broker.address, KAFKA_PREFIX: PREFIX },
    clickhouse: () => ({
      CLICKHOUSE_URL: server.engine.url,
      CLICKHOUSE_USER: server.engine.user,
      CLICKHOUSE_PASSWORD: server.engine.password,
    }),
    run: (args, env, dataFolder = folder) => runRevwall(args, { ...own, ...env, REVWALL_DATA: dataFolder }),
    start: (args, env) => startRevwall({ args, folder, env: { ...own, ...env } }),
    sell: async (seed, orders) => {
      world.sales.begin(seededRandom(seed), { orders })
      await whileProcessing(world, () => world.settled(), BATCHES)
    },
    tables: async () => {
      const rows = await server.warehouse.query<{ name: string }>(
        `SELECT name FROM system.tables WHERE database LIKE 'revwall%' ORDER BY name`,
      )
      return rows.map(({ name }) => name)
    },
    stop: async () => {
      await world.close()
      await Promise.all([old.stop(), server.stop(), broker.stop()])
      rmSync(top, { recursive: true, force: true })
    },
  }
}
