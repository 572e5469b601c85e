/** `revwall rates FILE.csv`: exchange rates of a file onto the log. */
import { type RateEvent, rateEvent } from '../core/contracts/facts.ts'
import { type NewRecord, partitionOf } from '../core/log/event-log.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import type { Command } from './command.ts'
import { openLog } from './open-log.ts'
import { parseOptions } from './parse-options.ts'
import { readText } from './read-text.ts'

const COLUMNS = ['day', 'base', 'quote', 'rate', 'provider'] as const
/** Thirty years of thirty currencies have 330,000 lines. */
const MAX_FILE_BYTES = 64 * 2 ** 20
const APPEND_RECORDS = 5_000
const MAX_FAULTS_TOLD = 10

export const rates: Command = {
  help: `Usage: revwall rates FILE.csv [--tenant ID]

Puts exchange rates on the log, from where a running \`up\` or \`process\` stores them (else the next one does). FILE has the
columns ${COLUMNS.join(',')}, with that line first: one unit of base is rate units of quote on that day
(2024-03-01,EUR,GBP,0.8561,ECB). A file with a fault is refused whole; a rate that is sent again replaces the former.

  --tenant ID   whose amounts they convert (default: the first tenant)`,
  run: async ({ config, logger, args, print }) => {
    const options = parseOptions(args, { tenant: { type: 'string' } }, ['one file'])
    const tenant = options.tenant ?? config.tenants[0]!.id
    if (!config.tenants.some(({ id }) => id === tenant))
      throw new RevwallError('UNKNOWN_TENANT', `tenant ${tenant} is not configured`)
    const events = parseRates(readText(options._[0]!, MAX_FILE_BYTES), tenant)
    const log = await openLog(config, logger)
    try {
      const records = events.map((event) => recordOf(event, log.partitions('rates')))
      for (let from = 0; from < records.length; from += APPEND_RECORDS)
        await log.append('rates', records.slice(from, from + APPEND_RECORDS))
    } finally {
      await log.close()
    }
    print(`${events.length} rates of ${tenant} are on the log`)
    return 0
  },
}

/** Throws BAD_FILE that tells the first faults by their lines. */
export function parseRates(text: string, tenant: string): RateEvent[] {
  const [head, ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (head?.trim() !== COLUMNS.join(','))
    throw new RevwallError(
      'BAD_FILE',
      `the first line must be ${COLUMNS.join(',')}, not ${head?.slice(0, 100)}`,
    )
  const faults: string[] = []
  const events = lines.flatMap((line, i) => {
    if (line.trim() === '') return []
    const parsed = rateEvent.safeParse(rawOf(line, tenant))
    if (parsed.success) return [parsed.data]
    const why = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    faults.push(`line ${i + 2}: ${why.join('; ')}`)
    return []
  })
  if (faults.length === 0) return events
  const told = faults.slice(0, MAX_FAULTS_TOLD).join('\n  ')
  throw new RevwallError('BAD_FILE', `${faults.length} lines have faults, nothing was sent:\n  ${told}`)
}

/** Fields have no commas of their own, so that none is quoted; one too many makes the line a fault. */
function rawOf(line: string, tenant: string): Record<string, unknown> {
  const fields = line.split(',').map((field) => field.trim())
  const named = COLUMNS.map((name, i) => [name, fields[i]])
  const rest = fields.length > COLUMNS.length ? { provider: undefined } : {}
  return { type: 'rate', schemaVersion: 1, tenant, ...Object.fromEntries(named), ...rest }
}

function recordOf(event: RateEvent, partitions: number): NewRecord {
  const key = [event.tenant, event.base, event.quote, event.day].join('/')
  const value = Buffer.from(JSON.stringify(event))
  return { partition: partitionOf(key, partitions), key, value, contentType: 'application/json' }
}
