/** `revwall up`: everything in one process, with ClickHouse as its child. */
import { existsSync } from 'node:fs'
import { DEMO_TENANT } from '../core/runtime/env.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import { inspectFile } from '../ingest/sources/replay/inspect-file.ts'
import { SHIPPED_FILE, SHIPPED_TIME_ZONE } from '../ingest/sources/replay/shipped-file.ts'
import type { Command } from './command.ts'
import { playBeside, untilAborted, withHouse } from './house.ts'
import { PAGE_FOLDER } from './page-folder.ts'
import { parseOptions } from './parse-options.ts'

export const up: Command = {
  help: `Usage: revwall up [--speed N] [--no-replay]

Runs all roles in one process and prints the page's address. Without configuration it loads eleven months of Online
Retail and plays the weeks after them at 60×; after a stop it goes on where it was. Ctrl-C drains and ends it.

  --speed N     event seconds per second of the replay (default: REVWALL_SPEED)
  --no-replay   no source: only what is in the log already`,
  run: (context) => {
    const { config, logger, print, signal } = context
    const options = parseOptions(context.args, {
      speed: { type: 'string' },
      'no-replay': { type: 'boolean' },
    })
    const speed = speedOf(options.speed, config.speed)
    // Only who configured nothing gets the replay: its orders must not stand among real ones.
    const tenant = config.tenants.find(({ id }) => id === DEMO_TENANT.id)
    const plays = tenant !== undefined && !options['no-replay']
    let inspected: ReturnType<typeof inspectFile> | undefined
    return withHouse(
      context,
      {
        page: true,
        whileOpening: () => {
          if (!plays) return
          inspected = inspectFile(SHIPPED_FILE)
          // Whoever plays the file tells what is wrong with it; a start that fails before has other news.
          inspected.catch(() => {})
        },
        onPage: (page) => {
          print(`revwall is at ${page}   (data in ${config.dataFolder}; Ctrl-C ends it)`)
          if (!existsSync(PAGE_FOLDER))
            print('The page is not built, so only the api answers. Build it with: npm run build')
        },
      },
      async (house) => {
        if (plays) {
          const source = { file: SHIPPED_FILE, inspected, timeZone: SHIPPED_TIME_ZONE, tenant: tenant.id }
          playBeside(house, { ...source, speed, logger }, signal)
        }
        await untilAborted(signal)
        print('draining …')
        return 0
      },
    )
  },
}

export function speedOf(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const speed = Number(text)
  if (speed > 0 && speed <= 100_000) return speed
  throw new RevwallError('BAD_USAGE', `--speed takes a number above 0 and at most 100000, not ${text}`)
}
