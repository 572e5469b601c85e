/** `revwall ingest`: sources alone; what they say goes into the log, whatever becomes of ClickHouse. */
import { takeClaim } from '../core/runtime/claim.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { DEMO_TENANT } from '../core/runtime/env.ts'
import { errorCode, errorMessage } from '../core/runtime/errors.ts'
import { createIngestServer } from '../ingest/http/ingest-server.ts'
import { SHIPPED_FILE, SHIPPED_TIME_ZONE } from '../ingest/sources/replay/shipped-file.ts'
import type { Command } from './command.ts'
import { playBeside, untilAborted } from './house.ts'
import { ingestSettings } from './ingest-door.ts'
import { listenLocally } from './listen-locally.ts'
import { parseOptions } from './parse-options.ts'
import { isNewLog, type RoleHouse, whenReady, withRole } from './role.ts'
import { speedOf } from './up.ts'

export const ingest: Command = {
  help: `Usage: revwall ingest [--speed N] [--no-replay]

Runs the sources. Without configuration that is the replay, played by one of them however many there are. Orders can be
pushed at REVWALL_INGEST_PORT with a key (\`revwall keys\`); two of them on one machine need two ports. /metrics, /healthz
and /readyz are there too. Beside it run \`revwall process\` and \`revwall api\` on the same folder, in any order.

  --speed N     event seconds per second of the replay (default: REVWALL_SPEED)
  --no-replay   no replay`,
  run: (context) => {
    const options = parseOptions(context.args, {
      speed: { type: 'string' },
      'no-replay': { type: 'boolean' },
    })
    const speed = speedOf(options.speed, context.config.speed)
    const plays = context.config.tenants.some(({ id }) => id === DEMO_TENANT.id) && !options['no-replay']
    return withRole('ingest', context, (house) => runIngest(house, plays ? speed : undefined))
  },
}

async function runIngest(house: RoleHouse, speed: number | undefined): Promise<void> {
  const { log, signal, print, config, file } = house
  const door = await openDoor(house)
  // The first record of all comes behind the opening marks; later ones wait for nobody.
  if ((await isNewLog(log)) && !(await whenReady(house))) return
  door.open()
  file.tell({ page: door.address })
  print(
    `ingest: running, orders can be pushed at ${door.address}   (data in ${config.dataFolder}; Ctrl-C ends it)`,
  )
  const work = speed === undefined ? untilAborted(signal) : playAlone(house, speed)
  await Promise.race([work.then(() => untilAborted(signal)), newerData(house)])
}

/** It takes orders whatever becomes of ClickHouse, but not for the data of a newer version. */
function newerData({ shared, logger }: RoleHouse): Promise<never> {
  return new Promise((_, reject) => {
    shared.ready.catch((error) => {
      if (errorCode(error) === 'MIGRATION_NEWER') reject(error)
      else logger.error('no ClickHouse here; orders are taken into the log', { why: errorMessage(error) })
    })
  })
}

/** It listens at once, so that a taken port is told at once, and answers that it is not ready until it is. */
async function openDoor({ config, log, logger, registry, steps }: RoleHouse) {
  let isOpen = false
  const server = createIngestServer(ingestSettings({ config, log, logger, registry, ready: () => isOpen }))
  steps.add('the door', () => server.close())
  const address = await listenLocally(server, config.ingestPort, 'REVWALL_INGEST_PORT')
  const open = () => {
    isOpen = true
  }
  return { address, open }
}

const CLAIM_INTERVAL_MS = 1_000

/** One replay for each folder: the others wait for its end, and the next goes on where it was. */
async function playAlone(house: RoleHouse, speed: number): Promise<void> {
  const { config, logger, signal, steps } = house
  let isWaiting = false
  while (!signal.aborted) {
    const claim = takeClaim(config.dataFolder, 'replay')
    if (claim !== undefined) {
      steps.add('the claim on the replay', async () => claim.release())
      const source = { file: SHIPPED_FILE, timeZone: SHIPPED_TIME_ZONE, tenant: DEMO_TENANT.id }
      return playBeside(house, { ...source, speed, logger }, signal)
    }
    if (!isWaiting) logger.info('another ingest plays the replay; waiting for its end')
    isWaiting = true
    await systemClock.sleep(CLAIM_INTERVAL_MS, signal)
  }
}
