/** `revwall` as a process of its own, started as `npm start` does it. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { clickhouseOf, isRunning } from './process-tree.ts'
import { waitUntil } from './wait-until.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const START_TIMEOUT_MS = 40_000
const END_TIMEOUT_MS = 30_000

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  /** From the signal that asked for it. */
  ms: number
}

export interface RevwallProcess {
  pid: number
  /** Both streams, as they came. */
  output(): string
  /** Address of the page, once it is printed. */
  page(): Promise<string>
  /** The same, once its processors take records: whoever sells before has a log that belongs to no table. */
  ready(): Promise<string>
  clickhousePid(): Promise<number>
  /** `SIGINT` goes to the whole group, as the terminal's Ctrl-C does; the others go to the process alone. */
  end(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<Ended>
  /** For afterAll: whatever state it is in, it is gone afterwards. */
  dispose(): Promise<void>
}

export interface StartOptions {
  args: readonly string[]
  /** Its REVWALL_DATA. */
  folder: string
  env?: Record<string, string>
  /** Of another program than this one. */
  root?: string
}

export function startRevwall({ args, folder, env = {}, root = ROOT }: StartOptions): RevwallProcess {
  return watchProcess(process.execPath, ['bin/revwall.js', ...args], {
    cwd: root,
    env: { ...cleanEnvironment(), REVWALL_DATA: folder, PORT: '0', ...env },
  })
}

/** The caller's own settings must not reach what is tested. */
export function cleanEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env
  return { PATH, HOME }
}

export function watchProcess(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: Record<string, string> },
): RevwallProcess {
  const child = spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const pid = child.pid!
  const texts: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => texts.push(text))
  const exited = new Promise<Pick<Ended, 'code' | 'signal'>>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  // A test run that is broken off must not leave servers behind.
  const killGroup = () => void signalGroup(pid, 'SIGKILL')
  process.once('exit', killGroup)
  exited.then(() => process.off('exit', killGroup))
  const output = () => texts.join('')
  const requireAlive = (what: string) => {
    if (!isRunning(pid)) throw new Error(`revwall ended before ${what}:\n${output()}`)
  }

  async function end(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<Ended> {
    const since = performance.now()
    if (signal === 'SIGINT') signalGroup(pid, signal)
    else child.kill(signal)
    await waitUntil(
      () => `the end after ${signal}; so far:\n${output()}`,
      END_TIMEOUT_MS,
      () => !isRunning(pid),
    )
    return { ...(await exited), ms: performance.now() - since }
  }

  const page = () =>
    waitUntil("the page's address", START_TIMEOUT_MS, () => {
      requireAlive('it printed an address')
      return /revwall is at (http:\S+)/.exec(output())?.[1]
    })

  return {
    pid,
    output,
    page,
    ready: async () => {
      const address = await page()
      await waitUntil(
        () => `its readiness; so far:\n${output()}`,
        START_TIMEOUT_MS,
        async () => {
          requireAlive('it was ready')
          const answer = await fetch(`${address}/readyz`).catch(() => undefined)
          return answer?.ok
        },
      )
      return address
    },
    clickhousePid: () =>
      waitUntil('ClickHouse', START_TIMEOUT_MS, () => {
        requireAlive('it had a ClickHouse')
        return clickhouseOf(pid)
      }),
    end,
    dispose: async () => {
      if (isRunning(pid)) await end('SIGKILL')
    },
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // The group is empty: all of it has ended.
  }
}
