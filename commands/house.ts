/** All roles of one folder in one process: what `up` and `replay` run. Ended in the opposite order of its start. */

import { collectDefaultMetrics, Registry } from 'prom-client'
import { codeOf, say } from '../core/contracts/sayings.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { systemClock } from '../core/runtime/clock.ts'
import type { Config } from '../core/runtime/env.ts'
import { errorCode, errorMessage } from '../core/runtime/errors.ts'
import { lockFolder } from '../core/runtime/lock-folder.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { createReplaySource } from '../ingest/sources/replay/replay-source.ts'
import { type CleanUp, cleanUp } from './clean-up.ts'
import { startRetention } from './retention.ts'
import type { Processors } from './start-processors.ts'
import { publish, type RunningWarehouse, startWarehouse } from './start-warehouse.ts'

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
  // The thread that computes starts on the other core, as ClickHouse does; it is closed behind the processors.
  const computing = import('../processors/orders/compute-pool.ts').then((loaded) =>
    loaded.createComputePool(loaded.COMPUTE_THREADS, config.dataFolder),
  )
  steps.add(
    'the computing',
    endOf(computing, (pool) => pool.close()),
  )
  // What needs the stores is loaded meanwhile.
  const opening = openStores(config, logger, steps)
  options.whileOpening?.()
  const [[warehouse, log], pool, { openPage }, { ingestDoor }, { startRuns }] = await Promise.all([
    opening,
    computing,
    import('./open-page.ts'),
    import('./ingest-door.ts'),
    import('./start-runs.ts'),
  ])
  lock.tell({ page: '', warehouse: warehouse.url })
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  // Nothing of revwall itself needs them, so that nobody waits but whoever ends it all.
  const publishing = publish(warehouse.warehouse).catch((error) =>
    logger.error('the v1 views are behind', { code: errorCode(error), why: errorMessage(error) }),
  )
  steps.add('the v1 views', () => publishing)
  const starting = startRuns({ config, warehouse: warehouse.warehouse, log, logger, registry, pool })
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
    page = await openPage({
      config,
      steps,
      warehouse: warehouse.warehouse,
      log,
      logger,
      registry,
      health: () => {
        const { state, message, backlog, ...said } = processors?.health() ?? STARTING
        return {
          ...{ warehouse: warehouse.state(), processor: state, message },
          ...codeOf({ message, ...said }),
          ...(backlog > 0 && { backlog }),
        }
      },
      verifying: () => processors?.reconciler.verifying() ?? true,
      plugins: [ingestDoor({ config, log, logger, registry, ready: () => processors !== undefined })],
    })
    lock.tell({ page, warehouse: warehouse.url })
    options.onPage?.(page)
  }
  processors = await starting
  const { serverRestarted } = processors
  warehouse.engine?.on('up', serverRestarted)
  startRetention({ config, warehouse: warehouse.warehouse, log, logger, steps })
  return { log, warehouse, processors, page, steps }
}

const STARTING = { state: 'recovering', backlog: 0, ...say('processor.starting') } as const

/** ClickHouse takes the longest; the log opens meanwhile. */
function openStores(config: Config, logger: Logger, steps: CleanUp): Promise<[RunningWarehouse, EventLog]> {
  const warehouse = startWarehouse(config, logger)
  steps.add(
    'ClickHouse',
    endOf(warehouse, (started) => started.stop()),
  )
  const log = import('./open-log.ts').then(({ openLog }) => openLog(config, logger))
  steps.add(
    'the log',
    endOf(log, (opened) => opened.close()),
  )
  return Promise.all([warehouse, log])
}

/** For what may still be opening when something else fails: a server that is left behind keeps the process from ending. */
function endOf<T>(opening: Promise<T>, end: (opened: T) => Promise<void>): () => Promise<void> {
  // Whoever waits for it is told why it failed.
  opening.catch(() => {})
  return async () => {
    const opened = await opening.catch(() => undefined)
    if (opened !== undefined) await end(opened)
  }
}

/** What `caughtUp` waits on. */
export function waitingOn({ log, warehouse, processors }: House) {
  return { log, warehouse: warehouse.warehouse, health: processors.health }
}

/** Plays a file until the signal; a source that fails is told once and leaves the wall running. */
export function playBeside(
  house: Pick<House, 'log' | 'steps'>,
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
