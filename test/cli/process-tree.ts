/** What runs, as /proc tells it: nothing that revwall starts may be left when it has ended. */
import { readdirSync, readFileSync } from 'node:fs'

/** Children, their children and so on. A child whose parent has died is not among them: see `processesOn`. */
export function descendants(pid: number): number[] {
  const parents = new Map(runningPids().map((each) => [each, parentOf(each)]))
  const under = (parent: number): number[] =>
    [...parents].flatMap(([child, of]) => (of === parent ? [child, ...under(child)] : []))
  return under(pid)
}

/** Processes whose command line names the folder, whoever their parent is now: ClickHouse, and those before it. */
export function processesOn(folder: string): number[] {
  return runningPids().filter((pid) => pid !== process.pid && commandLine(pid).includes(folder))
}

/** The ClickHouse of a running `up`. */
export function clickhouseOf(pid: number): number | undefined {
  return descendants(pid).find((child) => /server-process\.[tj]s/.test(commandLine(child)))
}

/** A zombie has ended: only its parent has not asked yet. */
export function isRunning(pid: number): boolean {
  const state = statOf(pid)?.[0]
  return state !== undefined && state !== 'Z'
}

export function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
}

function runningPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(isRunning)
}

function parentOf(pid: number): number {
  return Number(statOf(pid)?.[1] ?? 0)
}

/** Fields behind the command's name, which may have blanks and brackets itself: state, parent, … */
function statOf(pid: number): string[] | undefined {
  const stat = read(`/proc/${pid}/stat`)
  return stat === '' ? undefined : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

// A process that ends between the listing and the reading has no file any more: it does not run.
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
