/** `revwall partitions`: of the orders topic, in the log and in the table; more of them while everything runs. */
import { readRuns } from '../clickhouse/runs/read-runs.ts'
import { takeClaim } from '../core/runtime/claim.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import { readLastMark } from '../processors/orders/read-position.ts'
import type { Command, CommandContext } from './command.ts'
import { type GrowOptions, growPartitions, openPartitions } from './grow-partitions.ts'
import { openLog } from './open-log.ts'
import { openWarehouse } from './open-warehouse.ts'
import { parseOptions } from './parse-options.ts'

export const partitions: Command = {
  help: `Usage: revwall partitions [grow N]

Lists the partitions of the orders topic: what the log has of each, and up to where the table is complete. As many
\`revwall process\` as there are partitions can work at the same time.

  grow N   adds partitions, up to N: a multiple of what there is. Nothing need be stopped, nothing is counted twice: the
           processors take all that was before, open the new ones, and go on. A source that has not heard of it yet is
           taken right all the same. Run it again if it was broken off.`,
  run: async (context) => {
    const { config, logger, args } = context
    const verb = args[0]?.startsWith('-') === false ? args[0] : undefined
    if (verb !== undefined && verb !== 'grow')
      throw new RevwallError('BAD_USAGE', `partitions takes grow N, not ${verb}`)
    const options = parseOptions(args.slice(verb === undefined ? 0 : 1), {}, verb ? ['a number'] : [])
    const to = verb && wantedOf(options._[0]!)
    const open = await openWarehouse(config, logger, 'program')
    try {
      const log = await openLog(config, logger)
      try {
        const { shown } = await readRuns(open.warehouse)
        const parts = { log, warehouse: open.warehouse, database: shown.database, clock: systemClock }
        if (to) await grow(to, parts, context)
        else await list(parts, context)
        return 0
      } finally {
        await log.close()
      }
    } finally {
      await open.close()
    }
  },
}

const TOPIC = 'orders'
/** Where processors run and have caught up it takes a second or two. */
const WAIT_MS = 60_000
const POLL_MS = 250

/** As many as REVWALL_PARTITIONS may be. */
const MAX_PARTITIONS = 256

function wantedOf(text: string): number {
  const wanted = Number(text)
  if (Number.isInteger(wanted) && wanted >= 1 && wanted <= MAX_PARTITIONS) return wanted
  throw new RevwallError('BAD_USAGE', `grow takes a number from 1 to ${MAX_PARTITIONS}, not ${text}`)
}

async function grow(to: number, parts: GrowOptions, context: CommandContext): Promise<void> {
  const { config, print, signal } = context
  // Two at a time could put up two barriers of which neither is whole.
  const claim = takeClaim(config.dataFolder, 'growth')
  if (claim === undefined) throw new RevwallError('GROWTH_RUNNING', 'Another process grows the partitions.')
  try {
    if (!(await growPartitions(to, parts))) return void print(`orders has ${to} partitions already`)
    print(`the log has ${to} partitions; the processors take what was before …`)
    const until = systemClock.now() + WAIT_MS
    while ((await openPartitions(parts)) < to) {
      if (signal.aborted || systemClock.now() > until) throw waiting(to)
      await systemClock.sleep(POLL_MS, signal)
    }
    print(`orders has ${to} partitions`)
  } finally {
    claim.release()
  }
}

function waiting(to: number): RevwallError {
  return new RevwallError(
    'GROWTH_WAITS',
    `The barrier is in the log, and the processors have not passed it yet: is \`revwall process\` or \`revwall up\` running? ` +
      `They go on by themselves when they come to it. \`revwall partitions\` tells how far they are; running grow ${to} again does no harm.`,
  )
}

async function list({ log, warehouse, database }: GrowOptions, { print }: CommandContext): Promise<void> {
  for (let partition = 0; partition < log.partitions(TOPIC); partition++) {
    const { first, next } = await log.bounds(TOPIC, partition)
    const mark = await readLastMark({ warehouse, database, topic: TOPIC, partition })
    const taken = mark === undefined ? 'not opened yet' : `${next - 1 - mark.last} records behind`
    print(`orders/${partition}  offsets ${first} to ${next - 1} in the log, ${taken}`)
  }
}
