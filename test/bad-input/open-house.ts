/** A whole revwall as a process of its own, with a key, its log and its ClickHouse within reach. */
import { join } from 'node:path'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { type Answer, type Body, post } from '../../ingest/http/testing/open-door.ts'
import { startRevwall } from '../cli/revwall-process.ts'
import { runRevwall } from '../cli/run-revwall.ts'
import { runningWarehouse } from '../cli/running-warehouse.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { waitUntil } from '../cli/wait-until.ts'

export const TENANT = 'acme'
export const PARTITIONS = 2
const ENVIRONMENT = {
  REVWALL_TENANTS: JSON.stringify([
    { id: TENANT, name: 'Acme', timeZone: 'Europe/London', currency: 'GBP' },
    { id: 'zebra', name: 'Zebra', timeZone: 'America/Sao_Paulo', currency: 'BRL' },
  ]),
  REVWALL_PARTITIONS: String(PARTITIONS),
}

export interface TestHouse {
  page: string
  log: EventLog
  warehouse: Warehouse
  post(body: Body | object, headers?: Record<string, string>): Promise<Answer>
  /** Runs a command beside it. */
  run(...args: string[]): ReturnType<typeof runRevwall>
  /** What it has printed so far: bad input must not make it speak of faults of its own. */
  output(): string
  close(): Promise<void>
}

export async function openTestHouse(): Promise<TestHouse> {
  const folder = temporaryFolder('bad-input')
  const run = (...args: string[]) => runRevwall(args, { ...ENVIRONMENT, REVWALL_DATA: folder.path })
  const up = startRevwall({ args: ['up', '--no-replay'], folder: folder.path, env: ENVIRONMENT })
  const [page, key] = await Promise.all([up.ready(), addKey(run)])
  const warehouse = runningWarehouse(folder.path)
  const log = await openEmbeddedLog({ folder: join(folder.path, 'log') })
  const send = (body: Body | object, headers: Record<string, string> = {}) =>
    post(page, body, { authorization: `Bearer ${key}`, ...headers })
  await waitUntil('the door', 20_000, async () => (await send([])).status !== 503)
  return {
    page,
    log,
    warehouse,
    post: send,
    run,
    output: up.output,
    async close() {
      await log.close()
      await warehouse.close()
      await up.end('SIGTERM').finally(up.dispose)
      folder.remove()
    },
  }
}

async function addKey(run: TestHouse['run']): Promise<string> {
  const { stdout, stderr } = await run('keys', 'add', '--tenant', TENANT, '--name', 'the tests')
  const key = /^rvw_\w+$/m.exec(stdout)?.[0]
  if (key === undefined) throw new Error(`no key was made: ${stdout}${stderr}`)
  return key
}
