/** The real command in a new folder, ended and cleaned up whatever happens. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../core/runtime/program.ts'

const ENTRY = join(ROOT, 'bin/revwall.js')
const START_TIMEOUT_MS = 60_000

export interface Running {
  folder: string
  /** Of the page. */
  url: string
  startedAt: number
  pid: number
}

/** A new folder for `work`, gone afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'revwall-bench-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs `work` beside a command that shows the wall, and ends it. */
export async function withRevwall<T>(
  args: string[],
  folder: string,
  work: (running: Running) => Promise<T>,
  env: Record<string, string> = {},
): Promise<T> {
  const startedAt = performance.now()
  const child = start(args, folder, env)
  try {
    return await work({ folder, url: await pageOf(child), startedAt, pid: child.pid! })
  } finally {
    child.kill('SIGINT')
    if (child.exitCode === null) await once(child, 'exit')
  }
}

/** Runs a command to its end; resolves with the seconds it took and what it printed. */
export async function runRevwall(
  args: string[],
  folder: string,
): Promise<{ seconds: number; printed: string }> {
  const startedAt = performance.now()
  const child = start(args, folder)
  let printed = ''
  child.stdout?.on('data', (chunk) => {
    printed += String(chunk)
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`revwall ${args.join(' ')} ended with ${code}: ${printed.slice(-1_000)}`)
  return { seconds: (performance.now() - startedAt) / 1_000, printed }
}

function start(args: string[], folder: string, more: Record<string, string> = {}): ChildProcess {
  const env = { ...process.env, REVWALL_DATA: folder, PORT: '0', REVWALL_LOG_LEVEL: 'error', ...more }
  const child = spawn(process.execPath, [ENTRY, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // A measurement that is broken off must not leave it behind: it would spoil all that follow.
  const end = () => void child.kill('SIGTERM')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  return child
}

async function pageOf(child: ChildProcess): Promise<string> {
  let text = ''
  const timeout = AbortSignal.timeout(START_TIMEOUT_MS)
  for (;;) {
    const url = /http:\/\/[\d.]+:\d+/.exec(text)?.[0]
    if (url !== undefined) return url
    const [chunk] = await once(child.stdout!, 'data', { signal: timeout })
    text += String(chunk)
  }
}
