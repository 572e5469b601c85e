/** The state of `connectLive` as runes, and the one ticking clock by which ages on the page grow. */
import type { Axis } from '../../../core/contracts/tiles.ts'
import { browserPorts } from './browser-ports.ts'
import { connectLive, type LiveConnection } from './live-connection.ts'
import { serverNowMs, tenantNowMs } from './tenant-now.ts'
import { emptyWall, type WallState } from './wall-state.ts'

const TICK_MS = 1_000

export class Wall {
  // Raw: tiles are replaced whole, and those that a frame does not name keep their identity, so nothing redraws them.
  state: WallState = $state.raw(emptyWall('booked'))
  #tickMs = $state(performance.now())
  #connection: LiveConnection
  #ticking: ReturnType<typeof setInterval> | undefined

  constructor(axis: Axis) {
    this.state = emptyWall(axis)
    this.#connection = connectLive(browserPorts, axis, (next) => {
      this.state = next
      this.#tickMs = performance.now()
    })
    document.addEventListener('visibilitychange', this.#watchVisibility)
    this.#watchVisibility()
  }

  /** Server wall clock, epoch ms; null before the first frame. */
  get serverNowMs(): number | null {
    return serverNowMs(this.state, this.#tickMs)
  }

  /** The tenant's now, epoch ms; null before the first frame. */
  get tenantNowMs(): number | null {
    return tenantNowMs(this.state, this.#tickMs)
  }

  setAxis(axis: Axis): void {
    this.#connection.setAxis(axis)
  }

  stop(): void {
    clearInterval(this.#ticking)
    document.removeEventListener('visibilitychange', this.#watchVisibility)
    this.#connection.stop()
  }

  // In a hidden tab ages do not grow either: nothing is drawn that nobody sees.
  #watchVisibility = () => {
    clearInterval(this.#ticking)
    this.#connection.setHidden(document.hidden)
    if (document.hidden) return
    this.#tickMs = performance.now()
    this.#ticking = setInterval(() => {
      this.#tickMs = performance.now()
    }, TICK_MS)
  }
}
