/** The one command. With commands/ the only place that puts rooms together. */
import type { Command } from './commands/command.ts'
import { judgeConfig, readConfig, VARIABLES } from './core/runtime/env.ts'
import { errorMessage, RevwallError } from './core/runtime/errors.ts'
import { createLogger } from './core/runtime/logger.ts'
import { codeVersion } from './core/runtime/program.ts'

/** Loaded when they are asked for: all rooms together take a second to load. */
const COMMANDS: readonly { name: string; summary: string; load: () => Promise<Command> }[] = [
  {
    name: 'up',
    summary: 'run everything: replay, processors, ClickHouse and the wall',
    load: async () => (await import('./commands/up.ts')).up,
  },
  {
    name: 'ingest',
    summary: 'the sources alone: several roles on one folder are `up` in parts',
    load: async () => (await import('./commands/ingest.ts')).ingest,
  },
  {
    name: 'process',
    summary: 'the processors alone; several of them divide the partitions',
    load: async () => (await import('./commands/process.ts')).processCommand,
  },
  {
    name: 'api',
    summary: 'the page, REST and the websocket alone',
    load: async () => (await import('./commands/api.ts')).api,
  },
  {
    name: 'migrate',
    summary: 'bring ClickHouse to the newest tables and views',
    load: async () => (await import('./commands/migrate.ts')).migrateCommand,
  },
  {
    name: 'replay',
    summary: 'play a CSV of order lines; --all: as fast as it goes, then exit',
    load: async () => (await import('./commands/replay.ts')).replay,
  },
  {
    name: 'simulate',
    summary: 'a seeded shop that sells: history, then real time; --all: history only, then exit',
    load: async () => (await import('./commands/simulate.ts')).simulate,
  },
  {
    name: 'audit',
    summary: 'compare every view with the base table; prints drift and totals',
    load: async () => (await import('./commands/audit.ts')).audit,
  },
  {
    name: 'keys',
    summary: 'who may push orders: add, list and revoke keys',
    load: async () => (await import('./commands/keys.ts')).keys,
  },
  {
    name: 'users',
    summary: 'who may log in: add, list, remove, passwd; with the first one logins are wanted',
    load: async () => (await import('./commands/users.ts')).users,
  },
  {
    name: 'screens',
    summary: 'TVs: let one in by the code that it shows, list, revoke',
    load: async () => (await import('./commands/screens.ts')).screens,
  },
  {
    name: 'shares',
    summary: 'links that show the wall for some days: add, list, revoke',
    load: async () => (await import('./commands/shares.ts')).shares,
  },
  {
    name: 'runs',
    summary: 'replay the log into a new run beside the shown one; switch, and back',
    load: async () => (await import('./commands/runs.ts')).runs,
  },
  {
    name: 'partitions',
    summary: 'partitions of the orders topic; grow them while everything runs',
    load: async () => (await import('./commands/partitions.ts')).partitions,
  },
  {
    name: 'views',
    summary: 'the views: rows, filled up to, audited; drop old ones',
    load: async () => (await import('./commands/views.ts')).views,
  },
  {
    name: 'segments',
    summary: 'rules that divide customers by thresholds: list, show, set',
    load: async () => (await import('./commands/segments.ts')).segments,
  },
  {
    name: 'sql',
    summary: 'ask ClickHouse as the read-only analyst',
    load: async () => (await import('./commands/sql.ts')).sql,
  },
  {
    name: 'analyst',
    summary: 'connection strings of the read-only analyst, for other programs',
    load: async () => (await import('./commands/analyst.ts')).analyst,
  },
  {
    name: 'rates',
    summary: 'put the exchange rates of a CSV on the log',
    load: async () => (await import('./commands/rates.ts')).rates,
  },
  {
    name: 'backup',
    summary: 'copy ClickHouse and the log into a folder, while all runs',
    load: async () => (await import('./commands/backup.ts')).backup,
  },
  {
    name: 'restore',
    summary: 'make a data folder of a backup, checked by every view and every mark',
    load: async () => (await import('./commands/restore.ts')).restore,
  },
  {
    name: 'move',
    summary: 'take a data folder along to Kafka and to a ClickHouse server, compared record by record',
    load: async () => (await import('./commands/move.ts')).move,
  },
  {
    name: 'dead-letters',
    summary: 'list records that could not be taken; replay or skip them',
    load: async () => (await import('./commands/dead-letters.ts')).deadLetters,
  },
  {
    name: 'endpoints',
    summary: 'webhooks and Slack: who gets alerts; add, list, test, rotate, enable, remove',
    load: async () => (await import('./commands/endpoints.ts')).endpoints,
  },
  {
    name: 'deliveries',
    summary: 'what was sent to endpoints, and what was given up; replay it',
    load: async () => (await import('./commands/deliveries.ts')).deliveries,
  },
  {
    name: 'asyncapi',
    summary: 'the AsyncAPI document of what other systems may subscribe to',
    load: async () => (await import('./commands/asyncapi.ts')).asyncapi,
  },
  {
    name: 'doctor',
    summary: 'check configuration, machine, ports, disk, log, ClickHouse and every view',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
]

/** EX_USAGE of sysexits: the call itself was wrong, and nothing was tried. */
const WRONG_CALL = 64

const [name = '--help', ...args] = process.argv.slice(2)
process.exitCode = await main()

async function main(): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') return print(helpText())
  if (name === '--version' || name === '-v') return print(codeVersion())
  const entry = COMMANDS.find((each) => each.name === name)
  if (entry === undefined) return fail(`there is no command ${name}; revwall --help lists them`, WRONG_CALL)
  const command = await entry.load()
  if (args.includes('--help') || args.includes('-h')) return print(command.help)
  try {
    const judged = judgeConfig(process.env)
    const config = command.judgesConfig ? judged.config : readConfig(process.env)
    const logger = createLogger({ level: config.logLevel, json: config.logJson })
    return await command.run({ config, judged, logger, args, print, signal: stopSignal() })
  } catch (error) {
    // An expected failure is told in its own words; anything else is a bug and shows where.
    if (error instanceof RevwallError)
      return fail(`${error.message} (${error.code})`, error.code === 'BAD_USAGE' ? WRONG_CALL : 1)
    return fail(error instanceof Error ? (error.stack ?? error.message) : errorMessage(error))
  }
}

/** The first Ctrl-C drains; the second one does not wait. */
function stopSignal(): AbortSignal {
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (abort.signal.aborted) process.exit(130)
      abort.abort()
    })
  }
  return abort.signal
}

function print(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}

function fail(message: string, code = 1): number {
  process.stderr.write(`revwall: ${message}\n`)
  return code
}

function helpText(): string {
  const width = Math.max(...VARIABLES.map((variable) => variable.name.length))
  const commands = COMMANDS.map((command) => `  ${command.name.padEnd(12)}  ${command.summary}`)
  const variables = VARIABLES.map((v) => `  ${v.name.padEnd(width)}  ${v.meaning} (default: ${v.fallback})`)
  return `revwall ${codeVersion()}: a live, exact wall of retail numbers

Usage: revwall COMMAND [options]      revwall COMMAND --help tells more

${commands.join('\n')}

From the environment:
${variables.join('\n')}`
}
