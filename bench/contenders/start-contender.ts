/** A contender as a process that can be killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { benchPart } from '../bench-part.ts'

export interface Contender {
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>
}

export function startContender(file: 'plain-consumer' | 'revwall-processor', plan: unknown): Contender {
  const part = benchPart(`contenders/${file}.ts`)
  const child = spawn(process.execPath, [...part.execArgv, part.file, JSON.stringify(plan)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const gone = once(child, 'exit')
  const end = () => void child.kill('SIGKILL')
  process.once('exit', end)
  return {
    kill: async () => {
      end()
      await gone
      process.off('exit', end)
    },
  }
}
