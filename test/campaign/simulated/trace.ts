/** What was done in a simulated world, for whoever has to understand a seed that failed. Off, it costs nothing. */
import type { Scheduler } from './scheduler.ts'

/** The last lines tell what happened; a world that is stuck has no end of them. */
const MAX_LINES = 20_000

export class Trace {
  readonly lines: string[] = []
  readonly isOn: boolean
  #scheduler: Scheduler | undefined
  #startedAt = 0

  constructor(isOn: boolean) {
    this.isOn = isOn
  }

  begin(scheduler: Scheduler): void {
    this.#scheduler = scheduler
    this.#startedAt = scheduler.now
  }

  note(who: string, what: string): void {
    if (!this.isOn) return
    const ms = (this.#scheduler?.now ?? 0) - this.#startedAt
    this.lines.push(`${(ms / 1_000).toFixed(3).padStart(9)} ${who.padEnd(9)} ${what}`)
    if (this.lines.length > MAX_LINES) this.lines.splice(0, MAX_LINES / 2)
  }
}
