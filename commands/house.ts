/** All roles of one folder in one process: what `up` and `replay` run. Ended in the opposite order of its start. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { createApi } from '../api/app.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { systemClock } from '../core/runtime/clock.ts'
import type { Config } from '../core/runtime/env.ts'
import { errorCode, errorMessage, RevwallError } from '../core/runtime/errors.ts'
import { lockFolder } from '../core/runtime/lock-folder.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { createReplaySource } from '../ingest/sources/replay/replay-source.ts'
import { type CleanUp, cleanUp } from './clean-up.ts'
import { DATABASE } from './open-warehouse.ts'
import type { Processors } from './start-processors.ts'
import { publish, type RunningWarehouse, startWarehouse } from './start-warehouse.ts'

export const PAGE_FOLDER = fileURLToPath(new URL('../ui/dist', import.meta.url))
/** Until logins come nobody but this machine may ask. */
const HOST = '127.0.0.1'

export interface House {
  log: EventLog
  warehouse: RunningWarehouse
  processors: Processors
  /** Address of the page; empty without one. */
  page: string
  steps: CleanUp
}

export interface HouseOptions {
  page: boolean
  /** Begins what can be done while ClickHouse starts. */
  whileOpening?: () => void
  /** The page can be opened; numbers follow. */
  onPage?: (address: string) => void
}

/** Runs `work` in a house that is open, and closes it whatever comes. */
export async function withHouse<T>(
  { config, logger }: { config: Config; logger: Logger },
  options: HouseOptions,
  work: (house: House) => Promise<T>,
): Promise<T> {
  const steps = cleanUp(logger)
  try {
    return await work(await openHouse(config, logger, options, steps))
  } finally {
    await steps.run()
  }
}

async function openHouse(
  config: Config,
  logger: Logger,
  options: HouseOptions,
  steps: CleanUp,
): Promise<House> {
  const lock = lockFolder(config.dataFolder)
  steps.add('the folder', async () => lock.release())
  // What needs the stores is loaded while ClickHouse starts on the other core.
  const opening = openStores(config, logger, steps)
  options.whileOpening?.()
  const [[warehouse, log], { createApi }, { startProcessors }] = await Promise.all([
    opening,
    import('../api/app.ts'),
    import('./start-processors.ts'),
  ])
  lock.tell({ page: '', warehouse: warehouse.url })
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const publishing = publish(warehouse.warehouse)
  publishing.catch(() => {})
  const starting = startProcessors({ config, warehouse: warehouse.warehouse, log, logger, registry })
  // The page is there while the processors look at what they find. Should that fail, it is told below; should the page
  // fail, they are ended all the same.
  const ended = starting.then(
    (started) => () => started.stop(),
    () => async () => {},
  )
  steps.add('the processors', async () => (await ended)())
  let processors: Processors | undefined
  let page = ''
  if (options.page) {
    const api = createApi({
      tenants: config.tenants,
      warehouse: warehouse.warehouse,
      database: DATABASE,
      log,
      logger,
      registry,
      health: () => {
        const { state, message } = processors?.health() ?? STARTING
        return { warehouse: warehouse.state(), processor: state, message }
      },
      verifying: () => processors?.reconciler.verifying() ?? true,
      staticFolder: existsSync(PAGE_FOLDER) ? PAGE_FOLDER : undefined,
    })
    steps.add('the page', () => api.close())
    page = await listen(api, config.port)
    lock.tell({ page, warehouse: warehouse.url })
    options.onPage?.(page)
  }
  processors = await starting
  await publishing
  const { serverRestarted } = processors
  warehouse.engine?.on('up', serverRestarted)
  return { log, warehouse, processors, page, steps }
}

const STARTING = { state: 'recovering', message: 'starting' } as const

/** ClickHouse takes the longest; the log opens meanwhile. */
async function openStores(
  config: Config,
  logger: Logger,
  steps: CleanUp,
): Promise<[RunningWarehouse, EventLog]> {
  const [warehouse, log] = await Promise.allSettled([
    startWarehouse(config, logger),
    import('./open-log.ts').then(({ openLog }) => openLog(config, logger)),
  ])
  if (warehouse.status === 'fulfilled') steps.add('ClickHouse', () => warehouse.value.stop())
  if (log.status === 'fulfilled') steps.add('the log', () => log.value.close())
  if (warehouse.status === 'rejected') throw warehouse.reason
  if (log.status === 'rejected') throw log.reason
  return [warehouse.value, log.value]
}

async function listen(api: ReturnType<typeof createApi>, port: number): Promise<string> {
  try {
    return await api.listen({ host: HOST, port })
  } catch (cause) {
    if (errorCode(cause) !== 'EADDRINUSE') throw cause
    throw new RevwallError(
      'PORT_IN_USE',
      `port ${port} is taken by another program; set PORT to another one`,
      { cause },
    )
  }
}

/** Plays a file until the signal; a source that fails is told once and leaves the wall running. */
export function playBeside(
  house: House,
  options: Omit<Parameters<typeof createReplaySource>[0], 'log' | 'clock'>,
  signal: AbortSignal,
): void {
  const source = createReplaySource({ ...options, log: house.log, clock: systemClock })
  const running = source.run(signal).catch((error) => {
    options.logger.error('the replay ended', { code: errorCode(error), why: errorMessage(error) })
  })
  house.steps.add('the replay', async () => void (await running))
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
