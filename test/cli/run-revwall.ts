/** A command of `revwall` that comes to an end by itself. */
import { spawn } from 'node:child_process'
import { cleanEnvironment, ROOT } from './revwall-process.ts'

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
  ms: number
}

/** A command that should have ended and runs on is killed, so that a fault leaves nothing behind. */
const TIMEOUT_MS = 120_000

export function runRevwall(
  args: readonly string[],
  env: Record<string, string> = {},
  timeout = TIMEOUT_MS,
): Promise<Ran> {
  const since = performance.now()
  const child = spawn(process.execPath, ['bin/revwall.js', ...args], {
    cwd: ROOT,
    env: { ...cleanEnvironment(), PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
    })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      process.off('exit', kill)
      resolve({ code, ...texts, ms: performance.now() - since })
    })
  })
}
