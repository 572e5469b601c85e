/**
 * Ten thousand walls on one process of the api, beside a bare broadcaster that sends the same messages to as many, one
 * after the other in one run, while the same shop sells.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { LIVE_PATH } from '../core/contracts/live-path.ts'
import { openEmbeddedLog } from '../core/log/embedded/open-embedded-log.ts'
import { benchPart } from './bench-part.ts'
import { recordOf } from './measure-latency.ts'
import type { Measurement } from './measurement.ts'
import { cpuMs, residentMb } from './pipeline-bed.ts'
import { withFolder, withRevwall } from './run-revwall.ts'

const CLIENTS = 10_000
const SECONDS = 20
/** Snapshots are sent, code is compiled. */
const WARM_SECONDS = 5
/** Orders come in twice a second: each brings the numbers at once and the lists a little later. */
const SELL_EVERY_MS = 500
const AIM = 0.8
const FIRST = JSON.stringify({ type: 'watch', axis: 'booked' })

interface Load {
  perSecond: number
  cpuUs: number
  kbPerClient: number
}

export async function measureFanOut(): Promise<Measurement[]> {
  const { ours, bare } = await withFolder((folder) =>
    withRevwall(
      ['process'],
      folder,
      () =>
        withRevwall(
          ['api'],
          folder,
          async ({ url, pid }) => {
            const selling = await sell(folder)
            try {
              const ours = await loadOf(pid, url)
              return { ours, bare: await bareLoad(`${url.replace('http', 'ws')}${LIVE_PATH}`) }
            } finally {
              await selling.end()
            }
          },
          { REVWALL_MAX_WALLS: String(CLIENTS + 100) },
        ),
      { REVWALL_ANALYTICS: 'off' },
    ),
  )
  return [
    one('clients', CLIENTS, 'clients'),
    ...resultsOf('', ours),
    ...resultsOf('bare_', bare),
    { ...one('ratio_messages_per_cpu', bare.cpuUs / ours.cpuUs, 'ratio', false), aim: AIM },
    { ...one('ratio_memory', bare.kbPerClient / ours.kbPerClient, 'ratio', false), aim: AIM },
  ]
}

function resultsOf(who: string, { perSecond, cpuUs, kbPerClient }: Load): Measurement[] {
  return [
    one(`${who}messages_per_second`, perSecond, 'messages/s', false),
    one(`${who}cpu_us_per_message`, cpuUs, 'µs/message'),
    one(`${who}memory_kb_per_client`, kbPerClient, 'KB'),
  ]
}

function one(name: string, value: number, unit: Measurement['unit'], lowerIsBetter = true): Measurement {
  return { name: `fanout.${name}`, value, unit, aim: null, lowerIsBetter }
}

/** What a server spends on a crowd: CPU of all its threads, for each message that arrived. */
async function loadOf(pid: number, url: string, path = LIVE_PATH, first = FIRST): Promise<Load> {
  const idleMb = residentMb(pid)
  const { hostname, port } = new URL(url)
  const crowd = script('crowd.ts', [hostname, port, path, String(CLIENTS), first])
  const lines = createInterface({ input: crowd.stdout! })[Symbol.asyncIterator]()
  try {
    if ((await lines.next()).value !== 'open') throw new Error('not all walls could be opened')
    const messages = async () => {
      crowd.stdin!.write('\n')
      return Number(String((await lines.next()).value).split(' ')[0])
    }
    await pause(WARM_SECONDS)
    const before = { messages: await messages(), cpu: cpuMs(pid), at: performance.now() }
    await pause(SECONDS)
    const came = (await messages()) - before.messages
    const seconds = (performance.now() - before.at) / 1_000
    return {
      perSecond: came / seconds,
      cpuUs: ((cpuMs(pid) - before.cpu) * 1_000) / came,
      kbPerClient: ((residentMb(pid) - idleMb) * 1_024) / CLIENTS,
    }
  } finally {
    await end(crowd)
  }
}

async function bareLoad(wall: string): Promise<Load> {
  const bare = script('bare.ts', [wall, FIRST])
  try {
    const [port] = await once(createInterface({ input: bare.stdout! }), 'line')
    return await loadOf(bare.pid!, `http://127.0.0.1:${port}`, '/', '')
  } finally {
    await end(bare)
  }
}

/** An order at a time, whose numbers then go to everybody. */
async function sell(folder: string): Promise<{ end(): Promise<void> }> {
  const log = await openEmbeddedLog({ folder: join(folder, 'log') })
  let sold = 0
  let appended = Promise.resolve<unknown>(undefined)
  const timer = setInterval(() => {
    sold += 1
    appended = log.append('orders', [recordOf(sold)])
  }, SELL_EVERY_MS)
  return {
    async end() {
      clearInterval(timer)
      await appended
      await log.close()
    },
  }
}

function script(name: string, args: string[]): ChildProcess {
  const { execArgv, file } = benchPart(`fan-out/${name}`)
  return spawn(process.execPath, [...execArgv, file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
