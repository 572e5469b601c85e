/** Whether the process that wrote something is still there. A pid that was used again does not count as the same one. */
import { readFileSync } from 'node:fs'
import { errorCode } from './errors.ts'

export interface ProcessId {
  pid: number
  /** Clock ticks from boot to its start; empty where there is no /proc. */
  began: string
}

export function thisProcess(): ProcessId {
  return { pid: process.pid, began: beganAt(process.pid) ?? '' }
}

export function isAlive({ pid, began }: ProcessId): boolean {
  // 0 and below would speak to groups of processes.
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false
  }
  const now = beganAt(pid)
  return now === undefined || began === '' || now === began
}

function beganAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie has ended: only its parent has not asked yet.
    return fields[0] === 'Z' ? 'ended' : fields[19]
  } catch {
    return undefined
  }
}
