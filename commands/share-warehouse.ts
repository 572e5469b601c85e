/**
 * ClickHouse for roles that are processes of their own. With CLICKHOUSE_URL it is that one. Else one of them hosts the
 * embedded server: whoever finds none takes the claim and starts it as its child; the others go to the address that the
 * claim tells. The server dies with its host, and then the claim is free for the next who looks.
 */
import { connectWarehouse } from '../clickhouse/connect-warehouse.ts'
import { passwordsOf } from '../clickhouse/engine/passwords.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import { claimOwner } from '../core/runtime/claim.ts'
import type { Clock } from '../core/runtime/clock.ts'
import type { Config } from '../core/runtime/env.ts'
import { errorCode, errorMessage, RevwallError } from '../core/runtime/errors.ts'
import { ENGINE_CLAIM } from '../core/runtime/lock-folder.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { otherRoles } from '../core/runtime/role-file.ts'
import { clickhouseFolder } from './clickhouse-folders.ts'
import { followingWarehouse, type Login } from './following-warehouse.ts'
import { type EngineHost, hostEngine } from './host-engine.ts'
import type { WarehouseState } from './start-warehouse.ts'

export interface SharedWarehouse {
  warehouse: Warehouse
  state(): WarehouseState
  /** Resolves when tables and opening marks are there, for the first time; rejects with what no waiting mends. */
  ready: Promise<void>
  /** Called when another life of the server answers. */
  onLife(listener: () => void): void
  stop(): Promise<void>
}

export interface ShareOptions {
  config: Config
  logger: Logger
  clock: Clock
  /** When it aborts, no server is started any more. */
  signal: AbortSignal
  /** Tables and opening marks; done by whoever starts the server before others hear of it. */
  prepare: (warehouse: Warehouse) => Promise<void>
  /** Done by who finds a server that another one started: that one may be of an older version, or of a newer. */
  join: (warehouse: Warehouse) => Promise<void>
}

const PROGRAM_USER = 'revwall'
/** How soon the others notice that a host is gone. */
const LOOK_INTERVAL_MS = 250
const RETRY_INTERVAL_MS = 2_000
/** Longer than two looks: the server is away; longer than any takeover: it is down. */
const UNSEEN_MS = 3 * LOOK_INTERVAL_MS
const RESTARTING_FOR_MS = 10_000
/** A host that ends lets the others drain for so long; each of their steps is bounded by less. */
const MAX_WAIT_FOR_OTHERS_MS = 10_000
/** A Ctrl-C reaches all roles of a terminal, but not in the same moment. */
const OTHERS_NOTICE_MS = 400
/** The server of a host that was killed needs a moment to die, and a port may be taken in between. */
const PASSING = new Set(['ENGINE_LOCKED', 'ENGINE_PORT_TAKEN'])
/** What is wrong with the tables of another one's server; all else may be that server going away. */
const REFUSALS = new Set(['MIGRATION_NEWER', 'MIGRATION_CHANGED', 'MIGRATION_INVALID', 'SHARDS_CHANGED'])

export function shareWarehouse(options: ShareOptions): SharedWarehouse {
  return options.config.clickhouse === undefined ? shareEmbedded(options) : shareConfigured(options)
}

function shareConfigured({ config, prepare, signal, clock, logger }: ShareOptions): SharedWarehouse {
  const { warehouse, follow } = followingWarehouse(config.shards)
  follow(config.clickhouse)
  const prepareWhenThere = async () => {
    for (;;) {
      try {
        return await prepare(warehouse)
      } catch (error) {
        if (errorCode(error) !== 'CLICKHOUSE_UNREACHABLE' || signal.aborted) throw error
        logger.warn('ClickHouse is not there yet', { url: config.clickhouse?.url, why: errorMessage(error) })
        await clock.sleep(RETRY_INTERVAL_MS, signal)
      }
    }
  }
  const ready = prepareWhenThere()
  ready.catch(() => {})
  return { warehouse, state: () => 'up', ready, onLife: () => {}, stop: () => warehouse.close() }
}

function shareEmbedded(options: ShareOptions): SharedWarehouse {
  const { config, logger, clock } = options
  // A role that fails ends without being told to.
  const ending = new AbortController()
  const signal = AbortSignal.any([options.signal, ending.signal])
  const { warehouse, follow } = followingWarehouse(config.shards)
  const listeners = new Set<() => void>()
  const ready = deferred()
  let isReady = false
  let isHosting = false
  let host: EngineHost | undefined
  let life = ''
  let complaint = ''
  let seenAtMs = clock.now()

  const reached = (url: string, now: string) => {
    if (now === life) return
    const isFirst = life === ''
    life = now
    follow(loginOf(config, url))
    isReady = true
    ready.resolve()
    if (!isFirst) for (const listener of listeners) listener()
  }

  async function look(): Promise<void> {
    if (host?.hasGivenUp() === true) {
      await host.end()
      host = undefined
    }
    if (host !== undefined) return
    const owner = claimOwner(config.dataFolder, ENGINE_CLAIM)
    const { warehouse: url = '', life: now = '' } = owner?.told ?? {}
    if (url !== '') {
      seenAtMs = clock.now()
      requireSameNumber(url, config)
      if (!isReady) await joinAt(url, options)
      return reached(url, now)
    }
    if (owner !== undefined || signal.aborted) return
    isHosting = true
    host = await hostEngine({ ...options, onLife: reached })
  }

  async function keepLooking(): Promise<void> {
    while (!signal.aborted) {
      let pause = LOOK_INTERVAL_MS
      isHosting = false
      try {
        await look()
        complaint = ''
      } catch (error) {
        if (!(error instanceof RevwallError)) throw error
        const isFinal = isHosting ? !PASSING.has(error.code) : REFUSALS.has(error.code)
        if (!isReady && isFinal) return ready.reject(error)
        if (complaint !== error.code) logger.warn('ClickHouse is not there yet', { why: error.message })
        complaint = error.code
        pause = PASSING.has(error.code) ? LOOK_INTERVAL_MS : RETRY_INTERVAL_MS
      }
      await clock.sleep(pause, signal)
    }
  }

  const looking = keepLooking().catch(ready.reject)
  const state = (): WarehouseState => {
    if (host !== undefined) return host.state()
    const awayForMs = clock.now() - seenAtMs
    return awayForMs < UNSEEN_MS ? 'up' : awayForMs < RESTARTING_FOR_MS ? 'restarting' : 'down'
  }
  return {
    warehouse,
    state,
    ready: ready.promise,
    onLife: (listener) => void listeners.add(listener),
    stop: async () => {
      ending.abort()
      await looking
      if (host !== undefined) await letOthersDrain(config.dataFolder, clock)
      await warehouse.close()
      await host?.end()
    },
  }
}

/** Roles that were told to end as well still write their last batch; those that go on take the server over. */
async function letOthersDrain(folder: string, clock: Clock): Promise<void> {
  if (otherRoles(folder).length === 0) return
  await clock.sleep(OTHERS_NOTICE_MS)
  const until = clock.now() + MAX_WAIT_FOR_OTHERS_MS
  while (clock.now() < until && otherRoles(folder).some(({ stopping }) => stopping)) await clock.sleep(50)
}

function deferred() {
  let resolve = () => {}
  let reject = (_error: unknown) => {}
  const promise = new Promise<void>((done, fail) => {
    resolve = done
    reject = fail
  })
  // Whoever waits for it hears of it; who does not need the server must not fall over it.
  promise.catch(() => {})
  return { promise, resolve: () => resolve(), reject: (error: unknown) => reject(error) }
}

/** By a connection of its own: nobody here asks that server for anything before its tables are known. */
async function joinAt(url: string, { config, join }: ShareOptions): Promise<void> {
  const warehouse = connectWarehouse(loginOf(config, url))
  try {
    await join(warehouse)
  } finally {
    await warehouse.close()
  }
}

/** Its host has another REVWALL_SHARDS than this process. */
function requireSameNumber(url: string, { shards }: Config): void {
  const there = url.split(',').length
  if (there === shards) return
  throw new RevwallError(
    'SHARDS_CHANGED',
    `The other roles on this folder have ${there} ClickHouse servers: set REVWALL_SHARDS=${there} here too, not ${shards}.`,
  )
}

function loginOf(config: Config, url: string): Login {
  const password = passwordsOf(clickhouseFolder(config), [PROGRAM_USER]).get(PROGRAM_USER)!
  return { url, user: PROGRAM_USER, password }
}
