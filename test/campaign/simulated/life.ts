/**
 * A process's thread of life. Every call of a port goes through it, there and back, so that it can end at each of them:
 * a killed process never hears an answer again, a paused one hears it when it wakes.
 */
import type { Scheduler } from './scheduler.ts'
import type { Trace } from './trace.ts'

export class Life {
  readonly name: string
  readonly #scheduler: Scheduler
  readonly #trace: Trace
  readonly #onEnd: (isKilled: boolean) => void
  #pausedUntil = 0
  /** Calls and answers until it is killed. */
  #left = Number.POSITIVE_INFINITY
  isDead = false

  constructor(name: string, scheduler: Scheduler, trace: Trace, onEnd: (isKilled: boolean) => void) {
    this.name = name
    this.#scheduler = scheduler
    this.#trace = trace
    this.#onEnd = onEnd
  }

  get isPaused(): boolean {
    return this.#scheduler.now < this.#pausedUntil
  }

  /** SIGKILL at the n-th call or answer from now on. */
  killAfter(calls: number): void {
    this.#left = calls
  }

  kill(): void {
    if (!this.isDead) this.#end(true)
  }

  /** It has done all that it had to do. */
  end(): void {
    if (!this.isDead) this.#end(false)
  }

  #end(isKilled: boolean): void {
    this.isDead = true
    this.#trace.note(this.name, isKilled ? 'killed' : 'ended')
    this.#onEnd(isKilled)
  }

  /** SIGSTOP, and SIGCONT after so long. */
  pause(ms: number): void {
    this.#trace.note(this.name, `paused for ${ms} ms`)
    this.#pausedUntil = this.#scheduler.now + ms
  }

  wake(): void {
    this.#pausedUntil = 0
  }

  /** Until it runs; for ever where it is dead. */
  async awake(): Promise<void> {
    while (!this.isDead && this.isPaused) await this.#scheduler.sleep(this.#pausedUntil - this.#scheduler.now)
    if (this.isDead) await NEVER
  }

  /** `what` is asked for only where somebody will read it. */
  async through<T>(what: () => string, call: () => Promise<T>): Promise<T> {
    await this.#goes(what, '')
    try {
      const answer = await call()
      await this.#goes(what, ': answered')
      return answer
    } catch (error) {
      await this.#goes(what, ': failed')
      throw error
    }
  }

  #goes(what: () => string, how: string): Promise<void> | undefined {
    if (this.#trace.isOn && !this.isDead) this.#trace.note(this.name, what() + how)
    this.#left -= 1
    if (this.#left <= 0) this.kill()
    return this.isDead || this.isPaused ? this.awake() : undefined
  }
}

const NEVER = new Promise<never>(() => {})
