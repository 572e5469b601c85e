/** The real command in a new folder, ended and cleaned up whatever happens. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ENTRY = fileURLToPath(new URL('../revwall.ts', import.meta.url))
const START_TIMEOUT_MS = 60_000

export interface Running {
  folder: string
  /** Of the page. */
  url: string
  startedAt: number
}

/** Runs `work` beside `revwall up …`, and ends it. */
export async function withRevwall<T>(args: string[], work: (running: Running) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'revwall-bench-'))
  const startedAt = performance.now()
  const child = start(['up', ...args], folder)
  try {
    return await work({ folder, url: await pageOf(child), startedAt })
  } finally {
    child.kill('SIGINT')
    if (child.exitCode === null) await once(child, 'exit')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs a command to its end in a new folder; resolves with the seconds it took. */
export async function timeRevwall(args: string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'revwall-bench-'))
  const startedAt = performance.now()
  const child = start(args, folder)
  child.stdout?.resume()
  const [code] = await once(child, 'exit')
  rmSync(folder, { recursive: true, force: true })
  if (code !== 0) throw new Error(`revwall ${args.join(' ')} ended with ${code}`)
  return (performance.now() - startedAt) / 1_000
}

function start(args: string[], folder: string): ChildProcess {
  const env = { ...process.env, REVWALL_DATA: folder, PORT: '0', REVWALL_LOG_LEVEL: 'error' }
  return spawn(process.execPath, ['--import', 'tsx', ENTRY, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
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
