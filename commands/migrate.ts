/** `revwall migrate`: tables, views and opening marks, without running anything else. */
import { systemClock } from '../core/runtime/clock.ts'
import { openMarks } from '../processors/orders/open-marks.ts'
import { readServerStart } from '../processors/reconciler/server-lives.ts'
import { codeVersion } from './code-version.ts'
import type { Command } from './command.ts'
import { openLog } from './open-log.ts'
import { DATABASE, openWarehouse, RUN } from './open-warehouse.ts'
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
      const log = await openLog(config, logger)
      const context = {
        run: RUN,
        topic: 'orders',
        incarnation: log.incarnation,
        code: codeVersion(),
        serverStart: await readServerStart(open.warehouse),
        tenants: new Map(),
      }
      const takeLog = options['take-log'] === true
      const { warehouse } = open
      const opened = await openMarks({
        warehouse,
        database: DATABASE,
        log,
        context,
        takeLog,
        now: systemClock.now(),
      }).finally(() => log.close())
      print(`${open.url} has the newest tables; ${opened} partitions were opened`)
      return 0
    } finally {
      await open.close()
    }
  },
}
