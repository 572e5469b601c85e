/** The one command. With commands/ the only place that puts rooms together. */
import { audit } from './commands/audit.ts'
import { codeVersion } from './commands/code-version.ts'
import type { Command } from './commands/command.ts'
import { doctor } from './commands/doctor.ts'
import { migrateCommand } from './commands/migrate.ts'
import { replay } from './commands/replay.ts'
import { sql } from './commands/sql.ts'
import { up } from './commands/up.ts'
import { readConfig, VARIABLES } from './core/runtime/env.ts'
import { errorMessage, RevwallError } from './core/runtime/errors.ts'
import { createLogger } from './core/runtime/logger.ts'

const COMMANDS: readonly Command[] = [up, migrateCommand, replay, audit, sql, doctor]

const [name = '--help', ...args] = process.argv.slice(2)
process.exitCode = await main()

async function main(): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') return print(helpText())
  if (name === '--version' || name === '-v') return print(codeVersion())
  const command = COMMANDS.find((each) => each.name === name)
  if (command === undefined) return fail(`there is no command ${name}; revwall --help lists them`)
  if (args.includes('--help') || args.includes('-h')) return print(command.help)
  try {
    const config = readConfig(process.env)
    const logger = createLogger({ level: config.logLevel, json: config.logJson })
    return await command.run({ config, logger, args, print, signal: stopSignal() })
  } catch (error) {
    // An expected failure is told in its own words; anything else is a bug and shows where.
    if (error instanceof RevwallError) return fail(`${error.message} (${error.code})`)
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

function fail(message: string): number {
  process.stderr.write(`revwall: ${message}\n`)
  return 1
}

function helpText(): string {
  const width = Math.max(...VARIABLES.map((variable) => variable.name.length))
  const commands = COMMANDS.map((command) => `  ${command.name.padEnd(8)}  ${command.summary}`)
  const variables = VARIABLES.map((v) => `  ${v.name.padEnd(width)}  ${v.meaning} (default: ${v.fallback})`)
  return `revwall ${codeVersion()}: a live, exact wall of retail numbers

Usage: revwall COMMAND [options]      revwall COMMAND --help tells more

${commands.join('\n')}

From the environment:
${variables.join('\n')}`
}
