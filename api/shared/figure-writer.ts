/**
 * Keeps the day's figures of all tenants as plain keys in Redis, for scripts and displays that read them there. One of the
 * api processes writes, after each committed batch, absolute values read from the views. Whatever fails is done again: when
 * the turn is taken, all keys are compared and written, so that a Redis that was emptied is full again.
 */
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { Redis } from '../../core/redis/connect-redis.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, errorMessage } from '../../core/runtime/errors.ts'
import { formatDay, localDay } from '../../core/runtime/local-time.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { createHoldOff } from '../live/hold-off.ts'
import { type Touched, touchedDays } from '../live/touched.ts'
import { daysKey, type KeyChange, PREFIXES_KEY } from './guarded-keys.ts'
import { createTenantFigures, type TenantFigures } from './tenant-figures.ts'
import { BEAT_INTERVAL_MS, createWriterTurn } from './writer-turn.ts'

/** After a batch at once, then not again for so long. */
const HOLD_OFF_MS = 250
const DAYS_PER_CLEARING = 200
/** Whoever could not read lets another process try, and then does so itself again. */
const REST_AFTER_FAILURE_MS = 2_000

export interface FigureWriter {
  /** What a batch touched; `isNews` false: nobody told, it is only a look from time to time. */
  touch(touched: Touched, isNews: boolean): void
  /** Another run is shown: every value may be another one. */
  forget(): void
  start(): void
  /** Lets another process write, soon and not after a timeout. */
  stop(): Promise<void>
}

export interface FigureWriterOptions {
  redis: Redis
  warehouse: Warehouse
  database: string
  tenants: readonly TenantConfig[]
  /** Whose keys have no name before them. */
  plainTenant: string | undefined
  /** The tenant's now, ms. */
  nowOf: (tenant: string) => number
  clock: Clock
  logger: Logger
  registry: Registry
}

export function createFigureWriter(options: FigureWriterOptions): FigureWriter {
  const { redis, warehouse, database, clock, logger } = options
  const turn = createWriterTurn(redis, clock)
  const metrics = figureMetrics(options.registry, turn.isMine)
  const ending = new AbortController()
  const books = options.tenants.map((tenant) => {
    const prefix = tenant.id === options.plainTenant ? '' : `${tenant.id}:`
    const scope = { database, tenant: tenant.id, axis: 'booked', currency: tenant.currency } as const
    return { tenant, prefix, figures: createTenantFigures({ scope, prefix, warehouse, clock }) }
  })
  const beat = createHoldOff({ run, holdOffMs: HOLD_OFF_MS, clock })
  let isForgotten = true
  let complaint = ''
  let restsUntilMs = 0
  let beating: Promise<void> | undefined

  async function run(): Promise<void> {
    if (!redis.isUp() || clock.now() < restsUntilMs) return
    try {
      const told = await turn.take()
      if (told === 'not mine') return
      if (told === 'taken') isForgotten = true
      if (isForgotten) await begin()
      for (const { tenant, figures } of books) if (!(await writeAll(tenant, figures))) return
      complaint = ''
    } catch (error) {
      complain(error)
      restsUntilMs = clock.now() + REST_AFTER_FAILURE_MS
      await turn.leave().catch(() => {
        // It is Redis then that does not answer: the turn is nobody's.
      })
    }
  }

  async function begin(): Promise<void> {
    for (const { prefix, figures } of books) figures.forget(await readDays(prefix))
    isForgotten = false
    const prefixes = (await redis.call('SMEMBERS', PREFIXES_KEY)) as string[]
    const configured = new Set(books.map(({ prefix }) => prefix))
    for (const prefix of prefixes) if (!configured.has(prefix)) await clear(prefix)
  }

  const readDays = async (prefix: string) => (await redis.call('HKEYS', daysKey(prefix))) as string[]

  /** Of a tenant that is configured no more, or has another prefix now. */
  async function clear(prefix: string): Promise<void> {
    const days = await readDays(prefix)
    for (let at = 0; at < days.length; at += DAYS_PER_CLEARING) {
      const portion = days.slice(at, at + DAYS_PER_CLEARING)
      if (!(await write(portion.map((day) => ({ type: 'no-day', prefix, day }))))) return
    }
    await write([{ type: 'no-prefix', prefix }])
  }

  /** False when the turn is lost. */
  async function writeAll(tenant: TenantConfig, figures: TenantFigures): Promise<boolean> {
    const today = formatDay(localDay(options.nowOf(tenant.id), tenant.timeZone))
    for await (const changes of figures.changes(today)) if (!(await write(changes))) return false
    return true
  }

  async function write(changes: readonly KeyChange[]): Promise<boolean> {
    const isMine = await turn.write(changes)
    if (isMine) metrics.changes.inc(changes.length)
    return isMine
  }

  function complain(error: unknown): void {
    metrics.failures.inc()
    const code = errorCode(error) ?? 'unknown'
    // Once for each kind; that Redis does not answer is told where it is noticed.
    if (code !== complaint && code !== 'REDIS_UNREACHABLE')
      logger.warn("the day's figures are written to Redis later", { code, why: errorMessage(error) })
    complaint = code
  }

  async function keepBeating(): Promise<void> {
    while (!ending.signal.aborted) {
      beat.touch()
      await clock.sleep(BEAT_INTERVAL_MS, ending.signal)
    }
  }

  return {
    touch(touched, isNews) {
      for (const { tenant, figures } of books) {
        const days = touchedDays(touched, tenant.id)
        if (days !== undefined) figures.touch(days, isNews)
      }
      beat.touch()
    },
    forget() {
      isForgotten = true
      beat.touch()
    },
    start() {
      beating ??= keepBeating()
    },
    async stop() {
      ending.abort()
      await Promise.all([beat.stop(), beating])
      await turn.leave().catch(() => {
        // Then the others wait until it has been silent for long enough.
      })
    },
  }
}

interface FigureMetrics {
  changes: Counter
  failures: Counter
}

function figureMetrics(registry: Registry, isMine: () => boolean): FigureMetrics {
  const registers = [registry]
  new Gauge({
    name: 'revwall_redis_figures_writer',
    help: "1 where this process writes the day's figures into Redis.",
    registers,
    collect() {
      this.set(isMine() ? 1 : 0)
    },
  })
  return {
    changes: new Counter({
      name: 'revwall_redis_figures_changes_total',
      help: "Days and lists of the day's figures that were written into Redis.",
      registers,
    }),
    failures: new Counter({
      name: 'revwall_redis_figures_failures_total',
      help: "Attempts to write the day's figures into Redis that failed and are repeated.",
      registers,
    }),
  }
}
