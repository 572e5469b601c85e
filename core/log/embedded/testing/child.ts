/** Other processes for tests: real ones, since locks, crashes and signals cannot be played. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Child {
  process: ChildProcess
  /** What it printed so far. */
  lines: string[]
  /** Resolves when it printed so many lines. Rejects when it ends before. */
  printed(count: number): Promise<void>
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | string>
}

export function startChild(script: string, args: readonly string[]): Child {
  const path = join(import.meta.dirname, script)
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  // 'close' comes when all it printed was read, 'exit' may come before.
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  const printed = async (count: number) => {
    while (lines.length < count) {
      const isOver = await Promise.race([once(reader, 'line').then(() => false), ended.then(() => true)])
      if (isOver && lines.length < count) throw new Error(`${script} ended after ${lines.length} lines`)
    }
  }
  return { process: child, lines, printed, ended }
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'revwall-log-'))
}
