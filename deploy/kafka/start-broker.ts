/** One broker that is its own controller (KRaft), as a child process, in a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createWriteStream, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ROOT } from '../../core/runtime/program.ts'
import { LauncherError } from './get-jars.ts'

const LOG_CONFIG = join(ROOT, 'deploy/kafka/log4j2.xml')
/** Small and quick to start; a broker for one machine needs no more. */
const JVM = [
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  `-Dlog4j2.configurationFile=${LOG_CONFIG}`,
]
const STARTED = 'Kafka Server started'
const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 15_000
const LAST_LINES = 30

export interface BrokerOptions {
  /** Made when it is not there; keeps records and cluster id from one start to the next. */
  folder: string
  /** Of 127.0.0.1; 0 takes a free one. */
  port: number
  jars: string
  /** Properties of the server that replace those below. */
  properties?: Record<string, string>
}

export interface Broker {
  /** `127.0.0.1:PORT` */
  address: string
  pid: number
  /** Resolves when the process is gone, whoever ended it. */
  ended: Promise<void>
  /** Ends it in order; after a while, without asking. */
  stop(): Promise<void>
}

/** Ready when it resolves (2 s). Throws `LauncherError` with the broker's last lines when it does not start. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { folder, jars } = options
  mkdirSync(folder, { recursive: true })
  if (options.port !== 0 && !(await isFree(options.port)))
    throw new LauncherError(
      `Port ${options.port} is taken: choose another one with --port, 0 takes a free one.`,
    )
  const port = options.port || (await freePort())
  const config = join(folder, 'server.properties')
  writeFileSync(config, await serverProperties(options, port))
  if (!existsSync(join(folder, 'data', 'meta.properties'))) format(jars, config)
  const child = run([...JVM, '-cp', join(jars, '*'), 'kafka.Kafka', config])
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  await started(child, join(folder, 'kafka.log'))
  return { address: `127.0.0.1:${port}`, pid: child.pid!, ended, stop: () => stop(child, ended) }
}

async function serverProperties({ folder, properties }: BrokerOptions, port: number): Promise<string> {
  const controller = await freePort()
  const all: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'data'),
    // Nobody makes a topic by misspelling it.
    'auto.create.topics.enable': 'false',
    // There is one broker only.
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.num.partitions': '5',
    // Members come at once, and one that died is missed soon.
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    // It is back soon after kill -9: the controller waits for its former self.
    'broker.session.timeout.ms': '1500',
    'broker.heartbeat.interval.ms': '300',
    ...properties,
  }
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

function format(jars: string, config: string): void {
  // With `=`, for one in 64 begins with a dash, which would be read as an option.
  const id = `--cluster-id=${randomBytes(16).toString('base64url')}`
  const tool = ['-cp', join(jars, '*'), 'kafka.tools.StorageTool', 'format', id, '-c', config]
  const { status, stdout, stderr } = spawnSync('java', [...JVM, ...tool], { encoding: 'utf8' })
  if (status !== 0) throw new LauncherError(`The folder could not be formatted:\n${stdout}${stderr}`)
}

/** Where `setpriv` is (Linux), the broker dies with this process even when that is killed. */
function run(args: string[]): ChildProcess {
  const hasSetpriv = spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).status === 0
  const [program, ...rest] = hasSetpriv
    ? ['setpriv', '--pdeathsig', 'KILL', 'java', ...args]
    : ['java', ...args]
  // A process group of its own: Ctrl-C in a terminal reaches the launcher alone, which ends the broker in order.
  return spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
}

async function started(child: ChildProcess, logFile: string): Promise<void> {
  const log = createWriteStream(logFile, { flags: 'a' })
  const last: string[] = []
  const timeout = new AbortController()
  try {
    await new Promise<void>((resolve, reject) => {
      const take = (chunk: Buffer) => {
        log.write(chunk)
        last.push(...chunk.toString().split('\n'))
        last.splice(0, last.length - LAST_LINES)
        if (last.some((line) => line.includes(STARTED))) resolve()
      }
      child.stdout!.on('data', take)
      child.stderr!.on('data', take)
      const fail = (why: string) =>
        reject(new LauncherError(`Kafka ${why}; its last lines:\n${last.join('\n')}`))
      child.once('error', reject)
      child.once('close', () => fail('ended'))
      delay(START_TIMEOUT_MS, undefined, { signal: timeout.signal }).then(
        () => fail(`did not start within ${START_TIMEOUT_MS / 1000} s`),
        // It started.
        () => {},
      )
    })
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    timeout.abort()
  }
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM')
  const timeout = new AbortController()
  const late = delay(STOP_TIMEOUT_MS, true, { signal: timeout.signal }).catch(() => false)
  if (await Promise.race([ended.then(() => false), late])) child.kill('SIGKILL')
  timeout.abort()
  await ended
}

async function isFree(port: number): Promise<boolean> {
  return (await listen(port)) !== undefined
}

async function freePort(): Promise<number> {
  return (await listen(0))!
}

/** The port that was listened at for a moment; undefined when it is taken. */
function listen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined))
    })
  })
}
