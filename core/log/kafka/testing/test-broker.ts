/** A broker for one test file, started as the process that `npm run kafka` is. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
const LAUNCHER = 'deploy/kafka/run-kafka.ts'

export interface TestBroker {
  /** `127.0.0.1:PORT`; the same again after `restart`. */
  address: string
  pid: number
  /** Ends without a word, as a crash does. */
  kill(): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Why the tests of Kafka are left out here; never on CI, where whatever is missing fails. */
export function whyNoKafka(): string | undefined {
  if (process.env.CI) return undefined
  for (const program of ['java', 'mvn'])
    if (spawnSync(program, ['-version'], { stdio: 'ignore' }).status !== 0)
      return `${program} is not installed`
  return undefined
}

export async function startTestBroker(properties: Record<string, string> = {}): Promise<TestBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'revwall-kafka-'))
  let running = await launch(folder, 0, properties)
  const { address } = running
  const end = async () => {
    running.launcher.stdin!.end()
    await running.ended
  }
  return {
    address,
    get pid() {
      return running.pid
    },
    kill: async () => {
      process.kill(running.pid, 'SIGKILL')
      await running.ended
    },
    restart: async () => {
      await end()
      running = await launch(folder, Number(address.split(':')[1]), properties)
    },
    stop: async () => {
      await end()
      rmSync(folder, { recursive: true })
    },
  }
}

interface Running {
  launcher: ChildProcess
  address: string
  pid: number
  ended: Promise<void>
}

async function launch(folder: string, port: number, properties: Record<string, string>): Promise<Running> {
  const sets = Object.entries(properties).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  const options = ['--port', String(port), '--folder', folder, '--with-parent', ...sets]
  const launcher = spawn(process.execPath, ['--import', 'tsx', LAUNCHER, ...options], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const ended = once(launcher, 'close').then(() => {})
  let said = ''
  return new Promise((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      said += chunk
      const ready = /is at (\S+) +\(pid (\d+)/.exec(said)
      if (ready) resolve({ launcher, address: ready[1]!, pid: Number(ready[2]), ended })
    }
    launcher.stdout!.on('data', listen)
    launcher.stderr!.on('data', listen)
    ended.then(() => reject(new Error(`no broker: ${said}`)))
  })
}
