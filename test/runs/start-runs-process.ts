import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { RunsPlan } from './runs-process.ts'

const PROGRAM = fileURLToPath(new URL('./runs-process.ts', import.meta.url))

export interface RunsProcess {
  kill(): Promise<void>
  /** In good order; rejects when it is not. */
  stop(): Promise<void>
}

export function startRunsProcess(plan: RunsPlan): RunsProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, JSON.stringify(plan)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const closed = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  return {
    kill: async () => {
      child.kill('SIGKILL')
      await closed
    },
    stop: async () => {
      child.kill('SIGTERM')
      const how = await closed
      if (how !== 0) throw new Error(`the processors ended with ${how}`)
    },
  }
}
