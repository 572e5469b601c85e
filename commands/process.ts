/** `revwall process`: the processors alone; several of them divide the partitions. */
import { Registry } from 'prom-client'
import { systemClock } from '../core/runtime/clock.ts'
import { errorCode, errorMessage } from '../core/runtime/errors.ts'
import { othersWrote } from '../core/runtime/role-file.ts'
import { type ComputePool, createComputePool } from '../processors/orders/compute-pool.ts'
import type { Command } from './command.ts'
import { untilAborted } from './house.ts'
import { parseOptions } from './parse-options.ts'
import { beatProcessor, wordOf } from './processor-heartbeat.ts'
import { startRetention } from './retention.ts'
import { type RoleHouse, whenReady, withRole } from './role.ts'
import type { Processors } from './start-processors.ts'
import { startRuns } from './start-runs.ts'

export const processCommand: Command = {
  help: `Usage: revwall process

Runs the processors: orders, dead letters, the reconciler. As many of them as there are partitions of the orders topic
can work at the same time (REVWALL_PARTITIONS); they divide the partitions, and take over those of one that died. Beside
it run \`revwall ingest\` and \`revwall api\` on the same folder, in any order; \`revwall up\` is all of them in one.`,
  run: (context) => {
    parseOptions(context.args, {})
    return withRole('process', context, runProcessors)
  },
}

async function runProcessors(house: RoleHouse): Promise<void> {
  const { logger, log, shared, steps, signal, print, config } = house
  let processors: Processors | undefined
  const pool = createComputePool()
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
  print(`process: running   (data in ${config.dataFolder}; Ctrl-C ends it)`)
  await untilAborted(signal)
}

const RETRY_MS = 1_000

/** The server may go away with its host at this very moment; then the next one is waited for. */
async function startWhenThere(house: RoleHouse, pool: ComputePool): Promise<Processors | undefined> {
  const { config, shared, log, logger, signal, file } = house
  // Before anything is recorded of the server's life: whoever stops now must not call it whole.
  file.tell({ writes: true })
  while (!signal.aborted) {
    try {
      const registry = new Registry()
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
      if (!errorCode(error)?.startsWith('CLICKHOUSE_')) throw error
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
