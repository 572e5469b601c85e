/** `revwall api`: the page, REST and the websocket alone. */
import { existsSync } from 'node:fs'
import { systemClock } from '../core/runtime/clock.ts'
import type { Command } from './command.ts'
import { untilAborted } from './house.ts'
import { openPage } from './open-page.ts'
import { PAGE_FOLDER } from './page-folder.ts'
import { parseOptions } from './parse-options.ts'
import { watchProcessors } from './processor-heartbeat.ts'
import { type RoleHouse, withRole } from './role.ts'

export const api: Command = {
  help: `Usage: revwall api

Serves the page, REST and the websocket at PORT. Two of them on one machine need two ports. Beside it run \`revwall ingest\`
and \`revwall process\` on the same folder, in any order; the page says what is not there yet.`,
  run: (context) => {
    parseOptions(context.args, {})
    return withRole('api', context, runApi)
  },
}

async function runApi(house: RoleHouse): Promise<void> {
  const { config, log, logger, shared, registry, steps, signal, print, file } = house
  const processors = watchProcessors(log, systemClock, logger)
  steps.add('the watch', () => processors.stop())
  const page = await openPage({
    config,
    steps,
    log,
    logger,
    registry,
    warehouse: shared.warehouse,
    health: () => ({ warehouse: shared.state(), ...processors.health() }),
    verifying: processors.verifying,
  })
  file.tell({ page })
  print(`revwall is at ${page}   (data in ${config.dataFolder}; Ctrl-C ends it)`)
  if (!existsSync(PAGE_FOLDER))
    print('The page is not built, so only the api answers. Build it with: npm run build')
  await Promise.race([untilAborted(signal), failed(shared.ready)])
}

/** Without ClickHouse the page waits; what no waiting mends ends it. */
function failed(ready: Promise<void>): Promise<never> {
  return new Promise((_, reject) => {
    ready.catch(reject)
  })
}
