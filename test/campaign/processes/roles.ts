/** The roles of a house: who should run, who was ended on purpose, and all of them on their feet again after a fault. */

import { isRunning } from '../../cli/process-tree.ts'
import type { House } from '../../kafka/house.ts'
import { patiently } from './patience.ts'

export const ROLES = ['api', 'ingest', 'process 1', 'process 2'] as const
export type RoleName = (typeof ROLES)[number]
export const PROCESSORS: readonly RoleName[] = ['process 1', 'process 2']

/** Several begin at once, on a machine that may have other things to do. */
const STARTED_MS = 90_000

export class Roles {
  /** Where the program is: another one after an upgrade. */
  root: string | undefined
  readonly #house: House
  readonly #ended = new Set<RoleName>()
  #door = ''

  constructor(house: House) {
    this.#house = house
  }

  /** Where orders are pushed; the former address while there is none. */
  door(): string {
    const told = /pushed at (http:\/\/[\d.:]+)/.exec(this.#house.of('ingest').output())
    this.#door = told?.[1] ?? this.#door
    return this.#door
  }

  /** By a person or a machine that ends it: that is no fault of its own. */
  async end(name: RoleName, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const isFirst = this.isRunning(name)
    this.#ended.add(name)
    // One that is stopped hears of nothing but its death; whoever wants it ended wakes it.
    if (signal === 'SIGTERM') this.signal(name, 'SIGCONT')
    const { code } = await this.#house.of(name).end(signal)
    if (signal === 'SIGTERM' && isFirst && code !== 0)
      throw new Error(`${name} ended with ${code} when it was told to end: ${lastLine(this.output(name))}`)
  }

  /** SIGSTOP or SIGCONT. */
  signal(name: RoleName, signal: NodeJS.Signals): void {
    if (this.isRunning(name)) process.kill(this.#house.of(name).pid, signal)
  }

  isRunning(name: RoleName): boolean {
    return isRunning(this.#house.of(name).pid)
  }

  output(name: RoleName): string {
    return this.#house.of(name).output()
  }

  start(name: RoleName): void {
    this.#ended.delete(name)
    this.#house.start(name, argsOf(name), this.root)
  }

  /**
   * Those that ended by themselves, with their last words. Not one whose start failed while a fault lasted: it has said what
   * it lacks, and whoever keeps it starts it again.
   */
  fallen(): string[] {
    return ROLES.filter(
      (name) => !this.#ended.has(name) && this.#hasBegun(name) && !this.isRunning(name),
    ).map((name) => `${name} ended by itself: ${lastLine(this.output(name))}`)
  }

  #hasBegun(name: RoleName): boolean {
    return this.output(name).includes(name === 'api' ? 'revwall is at' : ': running')
  }

  /** All run, whatever was done to them; resolves with how long that took. */
  async revive(): Promise<number> {
    for (const name of ROLES) {
      this.signal(name, 'SIGCONT')
      if (!this.isRunning(name)) this.start(name)
    }
    return this.areReady()
  }

  async areReady(): Promise<number> {
    let waitedMs = 0
    for (const name of ROLES)
      waitedMs += await patiently(`${name} runs`, STARTED_MS, () => {
        if (!this.isRunning(name)) throw new Error(`it does not start: ${lastLine(this.output(name))}`)
        return this.#hasBegun(name)
      })
    return waitedMs
  }
}

function argsOf(name: RoleName): string[] {
  return name === 'ingest' ? ['ingest', '--no-replay'] : [name.split(' ')[0]!]
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
