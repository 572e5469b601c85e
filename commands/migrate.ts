/** `revwall migrate`: tables, views and opening marks, without running anything else. */

import { readRuns } from '../clickhouse/runs/read-runs.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import { codeVersion } from '../core/runtime/program.ts'
import { firstPartitionsIn } from '../processors/orders/first-partitions.ts'
import { type OpenMarksOptions, openMarks } from '../processors/orders/open-marks.ts'
import { readLastMark } from '../processors/orders/read-position.ts'
import { readServerStart } from '../processors/reconciler/server-lives.ts'
import type { Command } from './command.ts'
import { openLog } from './open-log.ts'
import { openWarehouse } from './open-warehouse.ts'
import { parseOptions } from './parse-options.ts'
import { prepare, publish } from './start-warehouse.ts'

export const migrateCommand: Command = {
  help: `Usage: revwall migrate [--take-log]

Runs the migrations that are missing, publishes the v1_… views, tries the insert guard and opens the chain of marks where
table and log are both new. Doing it again changes nothing.

  --take-log   also where the log holds records already: if order_changes is empty, take the whole log from its beginning`,
  run: async ({ config, logger, args, print }) => {
    const options = parseOptions(args, { 'take-log': { type: 'boolean' } })
    const open = await openWarehouse(config, logger, 'program')
    try {
      await prepare(open.warehouse, logger)
      await publish(open.warehouse)
      const { shown } = await readRuns(open.warehouse)
      const log = await openLog(config, logger)
      const context = {
        run: shown.run,
        topic: 'orders',
        incarnation: log.incarnation,
        code: codeVersion(),
        serverStart: await readServerStart(open.warehouse),
        tenants: new Map(),
      }
      const takeLog = options['take-log'] === true
      const { warehouse } = open
      const { database } = shown
      const partitions = takeLog ? await firstPartitions(log, config.partitions) : undefined
      const opening = { warehouse, database, log, context, takeLog, partitions, now: systemClock.now() }
      const opened = await (takeLog ? requireWholeLog(opening) : Promise.resolve())
        .then(() => openMarks(opening))
        .finally(() => log.close())
      print(`${open.url} has the newest tables; ${opened} partitions were opened`)
      return 0
    } finally {
      await open.close()
    }
  },
}

/** The tables are empty, so the log alone knows where it grew; what grew and never said so had as many as were set. */
async function firstPartitions(log: EventLog, configured: number): Promise<number | undefined> {
  if (log.partitions('orders') <= configured) return undefined
  return (await firstPartitionsIn(log, 'orders')) ?? configured
}

/** What was trimmed was in the tables that are gone now: taken from the rest, every number would be too low. */
async function requireWholeLog({ warehouse, database, log }: OpenMarksOptions): Promise<void> {
  for (let partition = 0; partition < log.partitions('orders'); partition++) {
    const { first } = await log.bounds('orders', partition)
    if (first === 0) continue
    if ((await readLastMark({ warehouse, database, topic: 'orders', partition })) !== undefined) continue
    throw new RevwallError(
      'LOG_TRIMMED',
      `The log of orders/${partition} begins at offset ${first}: what was before it is trimmed, so tables that are filled from ` +
        'it would lack that. Restore the folder of ClickHouse from a backup; or let the sources send everything again ' +
        'into another data folder (REVWALL_DATA). Where logs are trimmed, keep backups (REVWALL_LOG_MAX_AGE_DAYS, REVWALL_LOG_MAX_GB).',
    )
  }
}
