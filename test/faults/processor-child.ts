/** Starts processor-process.ts and follows it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ProcessPlan } from './processor-process.ts'
import { TENANT } from './sales.ts'
import { until, within } from './until.ts'
import { PARTITIONS, type World } from './world.ts'

export interface ProcessorChild {
  process: ChildProcess
  /** Resolves when it has joined the group. */
  ready(): Promise<void>
  /** Resolves with the wall clock of the hit. */
  hit(): Promise<number>
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | string>
  /** Asks it to end; rejects unless it does so in good order. */
  stop(): Promise<void>
  /** In a `finally`: nothing may be left running. */
  kill(): Promise<void>
}

type Plan = Pick<ProcessPlan, 'signal' | 'at' | 'during' | 'uncertain' | 'maxRecords'>

const PROGRAM = fileURLToPath(new URL('./processor-process.ts', import.meta.url))
const START_TIMEOUT_MS = 60_000

export function startChildProcessor(world: World, plan: Plan): ProcessorChild {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, JSON.stringify(fullPlan(world, plan))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  let hitAt = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (hitAt === 0 && said.includes('hit\n')) hitAt = performance.now()
  })
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  const saw = (word: string) => async () => {
    await until(
      `the processor says ${word}`,
      () => said.includes(`${word}\n`) || child.exitCode !== null,
      START_TIMEOUT_MS,
    )
    if (!said.includes(`${word}\n`))
      throw new Error(`the processor ended (${child.exitCode}) before its ${word}`)
  }
  return {
    process: child,
    ready: saw('ready'),
    hit: () => saw('hit')().then(() => hitAt),
    ended,
    stop: async () => {
      child.kill('SIGTERM')
      const how = await within('the processor ends', ended)
      if (how !== 0) throw new Error(`the processor ended with ${how}`)
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

function fullPlan(world: World, plan: Plan): ProcessPlan {
  const { url, user, password } = world.host.engine
  return {
    ...plan,
    login: { url, user, password },
    database: world.database,
    run: world.context().run,
    place: world.place,
    partitions: PARTITIONS,
    sessionTimeoutMs: world.sessionTimeoutMs,
    tenants: [TENANT],
  }
}
