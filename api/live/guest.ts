import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Principal } from '../auth/principal.ts'
import type { Elsewhere, LiveClient } from './live-client.ts'
import type { View } from './view.ts'

export interface Connection {
  socket: WebSocket
  /** Below it. What the hub says is written there as whole frames; nothing is compressed, so that `ws` writes at once too. */
  wire: Pick<Socket, 'write' | 'writableLength'>
}

export interface Visitor {
  principal: Principal
  address: string
}

const MAX_MESSAGES_PER_SECOND = 20

/** One open connection, all that is kept of it: there may be ten thousand. */
export class Guest implements LiveClient {
  readonly socket: WebSocket
  readonly principal: Principal
  readonly address: string
  readonly #wire: Connection['wire']
  owed: LiveClient['owed'] = 'snapshot'
  elsewhere: Elsewhere | null = null
  lastSeq = 0
  blockedSinceMs: number | null = null
  view: View | undefined
  isPaused = false
  /** Counts what it asked for: an answer of Redis that comes after the next question is of no use. */
  asks = 0
  /**
   * When it has to have said what it wants to see; null: it has. Whole milliseconds on the clock of `performance`: V8 keeps
   * those in the object itself.
   */
  askByMs: number | null = null
  pingAtMs = 0
  /** Pings. */
  unanswered = 0
  #second = 0
  #taken = 0

  constructor(socket: WebSocket, wire: Connection['wire'], visitor: Visitor) {
    this.socket = socket
    this.#wire = wire
    this.principal = visitor.principal
    this.address = visitor.address
  }

  get bufferedAmount(): number {
    return this.#wire.writableLength
  }

  write(frame: Uint8Array): void {
    // After a close frame nothing may follow.
    if (this.socket.readyState === this.socket.OPEN) this.#wire.write(frame)
  }

  terminate(): void {
    this.socket.terminate()
  }

  /** False: it has said enough for this second. */
  takeMessage(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1_000)
    if (second !== this.#second) this.#taken = 0
    this.#second = second
    this.#taken += 1
    return this.#taken <= MAX_MESSAGES_PER_SECOND
  }
}
