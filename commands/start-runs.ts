/**
 * Processors for every open run: the shown one as ever, and beside it those that a deliberate replay fills, at low
 * priority. Which runs there are, and which is shown, stands in ClickHouse and is looked at every second, so that
 * `revwall runs` works while this runs.
 */
import { Registry } from 'prom-client'
import { type Runs, readRuns } from '../clickhouse/runs/read-runs.ts'
import type { Run } from '../clickhouse/runs/run.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { errorMessage } from '../core/runtime/errors.ts'
import { deliverEvents } from '../processors/delivery/deliver-events.ts'
import { endpointFilePath } from '../processors/delivery/endpoint-file.ts'
import { createSender } from '../processors/delivery/send-request.ts'
import { groupOf } from '../processors/orders/partition-loop.ts'
import { hiddenLog } from './hidden-log.ts'
import { type Processors, type ProcessorsOptions, startProcessors } from './start-processors.ts'

const LOOK_INTERVAL_MS = 1_000
/** Between two batches of a hidden run, so that half of the time is left for what people look at. */
const REST_MS = 200
/** Of a batch of a run that is not shown when it begins: its memory stands beside that of the shown one. */
const HIDDEN_BATCH_RECORDS = 5_000
/** A batch of a hidden run waits while the shown one has so much to do, but never for longer than this. */
const BUSY_RECORDS = 500
const MAX_GIVE_WAY_MS = 2_000
const GIVE_WAY_POLL_MS = 50

interface RunningRun extends Run {
  registry: Registry
  processors: Promise<Processors | undefined>
}

/** Resolves when the shown run's processors run; the others follow, and a fault of theirs leaves the wall alone. */
export async function startRuns(options: ProcessorsOptions): Promise<Processors> {
  const { warehouse, logger, registry } = options
  const running = new Map<string, RunningRun>()
  const ending = new AbortController()
  let runs = await readRuns(warehouse)
  const isShown = ({ run }: Run) => runs.shown.run === run
  const first = begin(runs.shown)
  let shown = await first.processors.catch((error) => {
    ending.abort()
    throw error
  })
  showMetrics(registry, undefined, first.registry)
  const watching = watch()
  // Not a run's: what was sent to others is not sent again for another run.
  const { config } = options
  const delivering = deliverEvents({
    ...{ warehouse, log: options.log, logger, registry, clock: systemClock, random: Math.random },
    ...{ path: endpointFilePath(config.dataFolder), tenants: config.tenants.map(({ id }) => id) },
    ...{ send: createSender(config.delivery), signal: ending.signal },
  })
  return {
    get run() {
      return shown!.run
    },
    health: () => shown!.health(),
    get reconciler() {
      return shown!.reconciler
    },
    serverRestarted: () => {
      for (const { processors } of running.values())
        void processors.then((each) => each?.serverRestarted()).catch(() => {})
    },
    stop: async () => {
      ending.abort()
      await Promise.all([watching, delivering])
      // The shown one last: it says whether this life of the server is whole.
      const order = [...running.values()].sort((a, b) => Number(isShown(a)) - Number(isShown(b)))
      for (const each of order) await end(each)
    },
  }

  function begin(run: Run): RunningRun {
    const own = new Registry()
    const log = hiddenLog(options.log, () => isShown(run))
    const giveWay = () => (isShown(run) ? Promise.resolve() : waitForShown(run))
    // Whether others write too is asked for the shown run alone: the question takes this process off their list.
    const lastWriter = () =>
      isShown(run) ? (options.lastWriter?.() ?? true) : options.lastWriter === undefined
    const processors = startProcessors({
      ...options,
      ...{ log, registry: own, run, giveWay, lastWriter },
      maxRecords: isShown(run) ? options.maxRecords : hiddenRecords(options),
    })
    const entry = { ...run, registry: own, processors }
    running.set(run.run, entry)
    return entry
  }

  async function watch(): Promise<void> {
    let complaint = ''
    while (!ending.signal.aborted) {
      try {
        await look(await readRuns(warehouse))
        complaint = ''
      } catch (error) {
        if (complaint !== errorMessage(error))
          logger.warn('the runs are looked at later', { why: errorMessage(error) })
        complaint = errorMessage(error)
      }
      await systemClock.sleep(LOOK_INTERVAL_MS, ending.signal)
    }
  }

  async function look(next: Runs): Promise<void> {
    for (const run of next.open) if (!running.has(run.run)) await beginHidden(run)
    if (next.shown.run !== runs.shown.run) await move(next)
    runs = next
    for (const each of running.values())
      if (!next.open.some(({ run }) => run === each.run)) {
        await end(each)
        logger.info('a run was dropped', { run: each.run })
      }
  }

  async function beginHidden(run: Run): Promise<void> {
    logger.info('a run is filled', { run: run.run, database: run.database })
    const entry = begin(run)
    await entry.processors.catch((error) => {
      // The next look tries again.
      running.delete(run.run)
      throw error
    })
  }

  async function move(next: Runs): Promise<void> {
    const to = running.get(next.shown.run)
    const processors = await to?.processors
    if (to === undefined || processors === undefined) return
    showMetrics(registry, running.get(runs.shown.run)?.registry, to.registry)
    shown = processors
    logger.info('another run is shown', { run: to.run })
  }

  async function end(entry: RunningRun): Promise<void> {
    running.delete(entry.run)
    const processors = await entry.processors.catch(() => undefined)
    await processors?.stop()
  }

  async function waitForShown(run: Run): Promise<void> {
    await systemClock.sleep(REST_MS, ending.signal)
    const until = systemClock.now() + MAX_GIVE_WAY_MS
    while (!ending.signal.aborted && !isShown(run) && systemClock.now() < until) {
      if ((await committedLag(options, runs.shown)) < BUSY_RECORDS) return
      await systemClock.sleep(GIVE_WAY_POLL_MS, ending.signal)
    }
  }
}

const hiddenRecords = ({ maxRecords = HIDDEN_BATCH_RECORDS }: ProcessorsOptions) =>
  Math.min(maxRecords, HIDDEN_BATCH_RECORDS)

/** Cheap, for it is asked before every batch; what it is a hint for needs no more. */
async function committedLag({ log }: ProcessorsOptions, { run }: Run): Promise<number> {
  let lag = 0
  for (let partition = 0; partition < log.partitions('orders'); partition++) {
    const { next } = await log.bounds('orders', partition)
    lag += next - ((await log.committed(groupOf(run), 'orders', partition)) ?? 0)
  }
  return lag
}

/** `/metrics` tells of the shown run: two of one name cannot stand in one registry. */
function showMetrics(registry: Registry, from: Registry | undefined, to: Registry): void {
  for (const { name } of from?.getMetricsAsArray() ?? []) registry.removeSingleMetric(name)
  for (const { name } of to.getMetricsAsArray()) registry.registerMetric(to.getSingleMetric(name)!)
}
