/** A ClickHouse and a log in a new folder, for measuring what stands between them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectWarehouse, type WarehouseLogin } from '../clickhouse/connect-warehouse.ts'
import { startEngine } from '../clickhouse/engine/start-engine.ts'
import { migrate } from '../clickhouse/migrations/migrate.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import { TOPICS } from '../core/contracts/topics.ts'
import { openEmbeddedLog } from '../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { DEMO_TENANT } from '../core/runtime/env.ts'
import { silentLogger } from '../core/runtime/logger.ts'

export interface Bed {
  /** Gone behind the work. */
  folder: string
  log: EventLog
  warehouse: Warehouse
  /** Process of ClickHouse. */
  clickhouse: number
  login: WarehouseLogin
  /** kill -9 of ClickHouse, which is started again. */
  kill: () => void
  /** Process of the broker, where the log is on one. */
  broker?: number
}

export const DATABASE = 'revwall_r1'

/** `openLog`: another one than the embedded log in the bed's folder. */
export async function withBed<T>(
  work: (bed: Bed) => Promise<T>,
  openLog = (folder: string): Promise<EventLog> =>
    openEmbeddedLog({ folder: join(folder, 'log'), logger: silentLogger }),
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'revwall-bench-'))
  const engine = await startEngine({
    folder: join(folder, 'clickhouse'),
    tenants: [DEMO_TENANT.id],
    database: DATABASE,
    tables: [],
    logger: silentLogger,
  })
  const warehouse = connectWarehouse(engine)
  const log = await openLog(folder)
  try {
    await migrate(warehouse, { database: DATABASE })
    await ensureTopics(log)
    const { url, user, password } = engine
    const login = { url, user, password }
    return await work({ folder, log, warehouse, clickhouse: engine.pid, login, kill: () => engine.kill() })
  } finally {
    await log.close()
    await warehouse.close()
    await engine.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function ensureTopics(log: EventLog): Promise<void> {
  for (const { name, partitions, retentionMs } of Object.values(TOPICS))
    await log.ensureTopic(name, { partitions, retentionMs })
}

/** CPU that a process has used so far, ms; by thread where `threads`. Linux alone tells it. */
export function cpuMs(pid: number): number {
  return ticksOf(`/proc/${pid}/stat`)
}

export function threadCpuMs(pid: number): Map<string, number> {
  const threads = readdirSync(`/proc/${pid}/task`)
  return new Map(threads.map((thread) => [thread, ticksOf(`/proc/${pid}/task/${thread}/stat`)]))
}

/** A tick is 10 ms on every Linux that revwall runs on. */
function ticksOf(file: string): number {
  const stat = readFileSync(file, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** What is its own: pages of files that it has mapped, as the log is, are the system's to take back. */
export function residentMb(pid: number): number {
  const kb = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kb) / 1_024
}
