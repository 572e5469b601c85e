/** What a subcommand of `revwall` is. */
import type { Config, JudgedConfig } from '../core/runtime/env.ts'
import type { Logger } from '../core/runtime/logger.ts'

export interface CommandContext {
  config: Config
  /** What is said of the configuration; without faults, unless the command is one that `judgesConfig`. */
  judged: JudgedConfig
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
  /** It runs with a faulty configuration too, and tells the faults itself. */
  judgesConfig?: boolean
  /** Resolves with the exit code. */
  run(context: CommandContext): Promise<number>
}
