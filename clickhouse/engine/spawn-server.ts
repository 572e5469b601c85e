import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { programPart } from '../../core/runtime/program.ts'

/** One life of the server's process. */
export interface ServerProcess {
  pid: number
  /** Resolves with why it ended, for people: "signal SIGKILL", "code 1". */
  exited: Promise<string>
  isAlive(): boolean
  /** To the process itself; it has no children. Does nothing when it is gone. */
  kill(): void
}

export interface SpawnOptions {
  library: string
  configFile: string
  /** Gets stdout and stderr; ClickHouse says there why it does not start. */
  outputFile: string
  /** Whether it listens for the native protocol too. */
  listensTcp: boolean
}

export function spawnServer({ library, configFile, outputFile, listensTcp }: SpawnOptions): ServerProcess {
  const output = openSync(outputFile, 'w', 0o600)
  const program = programPart('clickhouse/engine/server-process.ts')
  const args = [...program.execArgv, program.file, String(process.pid), library, configFile]
  if (listensTcp) args.push('tcp')
  const child = spawn(process.execPath, args, {
    // A group of its own: a Ctrl-C in the terminal must reach us first, and SYSTEM SHUTDOWN signals the whole group.
    detached: true,
    // A file and not a pipe: nobody reads a pipe while our event loop is busy or stopped.
    stdio: ['ignore', output, output],
    // Nothing is inherited: clickhouse-local would take a user or a host from CLICKHOUSE_* variables.
    env: { TZ: 'UTC' },
  })
  closeSync(output)
  let alive = true
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `code ${code}`))
  }).finally(() => {
    alive = false
  })
  return { pid: child.pid ?? -1, exited, isAlive: () => alive, kill: () => void child.kill('SIGKILL') }
}
