/** What a subcommand of `revwall` is. */
import type { Config } from '../core/runtime/env.ts'
import type { Logger } from '../core/runtime/logger.ts'

export interface CommandContext {
  config: Config
  logger: Logger
  /** Arguments behind the command's name. */
  args: string[]
  print: (line: string) => void
  /** Aborted by the first Ctrl-C or SIGTERM. */
  signal: AbortSignal
}

export interface Command {
  /** Usage and options. */
  help: string
  /** Resolves with the exit code. */
  run(context: CommandContext): Promise<number>
}
