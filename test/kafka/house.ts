/** `revwall` in parts over a log of its own, as processes: what is needed to start them, to sell to them and to look inside. */

import { join } from 'node:path'
import { connectWarehouse } from '../../clickhouse/connect-warehouse.ts'
import { passwordsOf } from '../../clickhouse/engine/passwords.ts'
import { FIRST_RUN } from '../../clickhouse/runs/run.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { openKafkaLog } from '../../core/log/kafka/open-kafka-log.ts'
import { claimOwner } from '../../core/runtime/claim.ts'
import { readLastMark } from '../../processors/orders/read-position.ts'
import { type RevwallProcess, startRevwall } from '../cli/revwall-process.ts'
import { type Ran, runRevwall } from '../cli/run-revwall.ts'
import { type TemporaryFolder, temporaryFolder } from '../cli/temporary-folder.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { NORTH } from '../oracle/shops.ts'

interface Login {
  url: string
  user: string
  password: string
}

export interface HouseOptions {
  name: string
  partitions: number
  /** Address of a broker; undefined: the log is in the folder. */
  broker?: string
  /** Of all data; default: a new one. */
  folder?: TemporaryFolder
  /** A ClickHouse that none of them hosts, as they reach it. */
  clickhouse?: Login
  /** More of the roles' environment. */
  env?: Record<string, string>
}

export interface House {
  readonly folder: string
  readonly log: EventLog
  /** `root`: of another version. */
  start(name: string, args: readonly string[], root?: string): RevwallProcess
  of(name: string): RevwallProcess
  /** A command beside them. */
  run(args: readonly string[], timeoutMs?: number): Promise<Ran>
  /** Opens the log, when somebody has made its topics. */
  openLog(): Promise<void>
  /** The ClickHouse that the roles share. */
  warehouse(): Warehouse
  /** Where the log ends now, partition by partition. */
  ends(): Promise<number[]>
  /** Whether the table has all that lies before these. */
  hasTaken(ends: readonly number[]): Promise<boolean>
  /** Resolves when the table has all that the log has now. */
  caughtUp(timeoutMs: number): Promise<void>
  /** What all processes said, for a test that failed. */
  told(): string
  dispose(): Promise<void>
}

const { database } = FIRST_RUN
const PROGRAM = 'revwall'

export function openHouse({ name, partitions, broker, clickhouse, ...more }: HouseOptions): House {
  const folder = more.folder ?? temporaryFolder(name)
  const running = new Map<string, RevwallProcess>()
  const env = {
    REVWALL_PARTITIONS: String(partitions),
    REVWALL_INGEST_PORT: '0',
    REVWALL_TENANTS: JSON.stringify([NORTH]),
    ...(broker && { KAFKA_BROKERS: broker }),
    ...(clickhouse && {
      ...{ CLICKHOUSE_URL: clickhouse.url, CLICKHOUSE_USER: clickhouse.user },
      CLICKHOUSE_PASSWORD: clickhouse.password,
    }),
    ...more.env,
  }
  let log: EventLog | undefined
  let connected: { url: string; warehouse: Warehouse } | undefined

  const openLog = async () => {
    log = broker
      ? await openKafkaLog({ brokers: [broker], ssl: false, sasl: undefined })
      : await openEmbeddedLog({ folder: join(folder.path, 'log') })
    for (const topic of Object.values(TOPICS))
      await log.ensureTopic(topic.name, topic.name === 'orders' ? { ...topic, partitions } : topic)
  }
  const warehouse = () => {
    const url = clickhouse?.url ?? claimOwner(folder.path, 'engine')?.told.warehouse
    if (url === undefined) throw new Error('nobody hosts ClickHouse')
    if (connected?.url === url) return connected.warehouse
    void connected?.warehouse.close()
    const { user, password } = clickhouse ?? program()
    connected = { url, warehouse: connectWarehouse({ url, user, password }) }
    return connected.warehouse
  }
  const program = () => {
    const password = passwordsOf(join(folder.path, 'clickhouse'), [PROGRAM]).get(PROGRAM)!
    return { user: PROGRAM, password }
  }
  const isTaken = async (partition: number, next: number) => {
    const scope = { warehouse: warehouse(), database, topic: 'orders', partition }
    return ((await readLastMark(scope))?.last ?? -1) + 1 >= next
  }
  const ends = async () => {
    const partitionsNow = Array.from({ length: log!.partitions('orders') }, (_, partition) => partition)
    const bounds = await Promise.all(partitionsNow.map((partition) => log!.bounds('orders', partition)))
    return bounds.map(({ next }) => next)
  }
  const hasTaken = async (wanted: readonly number[]) => {
    const taken = await Promise.all(wanted.map((next, partition) => isTaken(partition, next)))
    return taken.every(Boolean)
  }
  return {
    folder: folder.path,
    get log() {
      return log!
    },
    start: (role, args, root) => {
      const each = startRevwall({ args, folder: folder.path, env, root })
      running.set(role, each)
      return each
    },
    of: (role) => running.get(role)!,
    run: (args, timeoutMs) => runRevwall(args, { ...env, REVWALL_DATA: folder.path }, timeoutMs),
    openLog,
    warehouse,
    ends,
    hasTaken,
    caughtUp: async (timeoutMs) => {
      const now = await ends()
      await waitUntil('the table to have all that the log has', timeoutMs, () => hasTaken(now))
    },
    told: () => [...running].map(([role, each]) => `${role}:\n${each.output()}`).join('\n'),
    dispose: async () => {
      await connected?.warehouse.close()
      await log?.close()
      for (const each of running.values()) await each.dispose()
      folder.remove()
    },
  }
}
