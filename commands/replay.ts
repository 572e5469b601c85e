/** `revwall replay FILE`: a CSV of order lines through the whole pipeline. */
import { systemClock } from '../core/runtime/clock.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import { createReplaySource } from '../ingest/sources/replay/replay-source.ts'
import { summarize } from '../ingest/sources/replay/replay-stats.ts'
import { caughtUp } from './caught-up.ts'
import type { Command, CommandContext } from './command.ts'
import { type House, playBeside, untilAborted, waitingOn, withHouse } from './house.ts'
import { parseOptions } from './parse-options.ts'
import { speedOf } from './up.ts'

export const replay: Command = {
  help: `Usage: revwall replay FILE [--all] [--speed N] [--tenant ID] [--history-until T]

FILE has the columns InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country, sorted by time,
plain or gzip (ingest/sources/replay/README.md says what becomes of each line). Without --all it loads the history,
then plays the rest and shows the wall, as \`up\` does.

  --all               everything as fast as it goes; exits when ClickHouse has it, and prints what became of the lines
  --speed N           event seconds per second (default: REVWALL_SPEED)
  --tenant ID         whose orders they are (default: the first tenant); times are read in that tenant's zone
  --history-until T   local time, 2011-11-01T00:00: what is before it is loaded as history (default: eleven months)`,
  run: async (context) => {
    const { config, logger, signal, print } = context
    const fields = {
      all: { type: 'boolean' },
      speed: { type: 'string' },
      tenant: { type: 'string' },
      'history-until': { type: 'string' },
    } as const
    const options = parseOptions(context.args, fields, ['one file'])
    const file = options._[0]!
    const tenant = config.tenants.find(({ id }) => id === (options.tenant ?? config.tenants[0]!.id))
    if (tenant === undefined)
      throw new RevwallError('UNKNOWN_TENANT', `tenant ${options.tenant} is not configured`)
    const speed = speedOf(options.speed, config.speed)
    const source = {
      file,
      tenant: tenant.id,
      timeZone: tenant.timeZone,
      currency: tenant.currency,
      speed,
      logger,
    }
    const historyUntil = options['history-until']
    if (options.all) return withHouse(context, { page: false }, (house) => replayAll(house, source, context))
    return withHouse(context, { page: true }, async (house) => {
      print(`revwall is at ${house.page}   (Ctrl-C ends it)`)
      playBeside(house, { ...source, historyUntil }, signal)
      await untilAborted(signal)
      return 0
    })
  },
}

type Source = Omit<Parameters<typeof createReplaySource>[0], 'log' | 'clock'>

async function replayAll(house: House, source: Source, { signal, print }: CommandContext): Promise<number> {
  const { log } = house
  const startedAt = systemClock.now()
  const summary = await createReplaySource({ ...source, all: true, log, clock: systemClock }).run(signal)
  for (const line of summarize(summary.stats, summary.currency)) print(line)
  await caughtUp({ ...waitingOn(house), signal, print })
  const seconds = (systemClock.now() - startedAt) / 1_000
  print(
    `${summary.state}: ${summary.sent} orders and refunds in ${seconds.toFixed(1)} s, all of them in ClickHouse`,
  )
  return signal.aborted ? 130 : 0
}
