/** `revwall process`: the processors alone; several of them divide the partitions. */
import { isPassingLogError } from '../core/log/passing-error.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { errorCode, errorMessage } from '../core/runtime/errors.ts'
import { othersWrote } from '../core/runtime/role-file.ts'
import { COMPUTE_THREADS, type ComputePool, createComputePool } from '../processors/orders/compute-pool.ts'
import type { Command } from './command.ts'
import { untilAborted } from './house.ts'
import { listenLocally } from './listen-locally.ts'
import { parseOptions } from './parse-options.ts'
import { beatProcessor, wordOf } from './processor-heartbeat.ts'
import { startRetention } from './retention.ts'
import { type RoleHouse, whenReady, withRole } from './role.ts'
import { createServiceServer } from './service-server.ts'
import type { Processors } from './start-processors.ts'
import { startRuns } from './start-runs.ts'
import type { WarehouseState } from './start-warehouse.ts'

export const processCommand: Command = {
  help: `Usage: revwall process

Runs the processors: orders, dead letters, the reconciler. As many of them as there are partitions of the orders topic
can work at the same time (REVWALL_PARTITIONS); they divide the partitions, and take over those of one that died. Beside
it run \`revwall ingest\` and \`revwall api\` on the same folder, in any order; \`revwall up\` is all of them in one. Each
answers /metrics, /healthz and /readyz on 127.0.0.1 at a port that it prints; REVWALL_PROCESS_PORT gives it a fixed one.`,
  run: (context) => {
    parseOptions(context.args, {})
    return withRole('process', context, runProcessors)
  },
}

async function runProcessors(house: RoleHouse): Promise<void> {
  const { logger, log, shared, steps, signal, print, config, file, registry } = house
  let processors: Processors | undefined
  // At once, so that a taken port is told at once, and that it can be asked what it waits for.
  const service = createServiceServer({ registry, waitsFor: () => waitsFor(processors, shared.state()) })
  steps.add('the metrics', () => service.close())
  const address = await listenLocally(service, config.processPort, 'REVWALL_PROCESS_PORT')
  file.tell({ page: address })
  const pool = createComputePool(COMPUTE_THREADS, config.dataFolder)
  steps.add('the computing', () => pool.close())
  const endBeat = beatProcessor({ log, logger, clock: systemClock, now: () => wordOf(processors) })
  steps.add('the heartbeat', endBeat)
  if (!(await whenReady(house))) return
  processors = await startWhenThere(house, pool)
  if (processors === undefined) return
  const started = processors
  steps.add('the processors', () => started.stop())
  shared.onLife(started.serverRestarted)
  startRetention({ config, warehouse: shared.warehouse, log, logger, steps })
  print(`process: running, metrics at ${address}/metrics   (data in ${config.dataFolder}; Ctrl-C ends it)`)
  await untilAborted(signal)
}

function waitsFor(processors: Processors | undefined, warehouse: WarehouseState): string | undefined {
  if (processors === undefined || warehouse !== 'up') return 'It waits for ClickHouse.'
  const { state, message, isStuck } = processors.health()
  if (isStuck) return `The processor waits for the log. ${message}`
  return state === 'halted' ? `The processor is halted. ${message}`.trim() : undefined
}

const RETRY_MS = 1_000

/** The server may go away with its host at this very moment, a broker by itself; then the next one is waited for. */
async function startWhenThere(house: RoleHouse, pool: ComputePool): Promise<Processors | undefined> {
  const { config, shared, log, logger, signal, file, registry } = house
  // Before anything is recorded of the server's life: whoever stops now must not call it whole.
  file.tell({ writes: true })
  while (!signal.aborted) {
    try {
      const { warehouse } = shared
      return await startRuns({
        config,
        warehouse,
        log,
        logger,
        registry,
        pool,
        lastWriter: () => lastWriter(house),
      })
    } catch (error) {
      if (!errorCode(error)?.startsWith('CLICKHOUSE_') && !isPassingLogError(error)) throw error
      logger.warn('the processors wait', { why: errorMessage(error) })
      await systemClock.sleep(RETRY_MS, signal)
    }
  }
  return undefined
}

/** Only whoever writes last can say that a life of the server is whole. */
function lastWriter({ config, file }: RoleHouse): boolean {
  file.tell({ writes: false })
  return !othersWrote(config.dataFolder)
}
