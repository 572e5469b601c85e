/**
 * One browser. What it has not been sent yet are the tiles that differed after its last frame: a tile that changes again
 * overwrites itself, so a slow client costs no memory and gets the newest values when it is ready again.
 */

export interface LiveClient {
  /** Bytes that it has not taken yet. */
  readonly bufferedAmount: number
  /** A whole websocket frame (`textFrame`), so that ten thousand clients get the same bytes by one write each. */
  write(frame: Uint8Array): void
  terminate(): void
  /** What it is to get whether anything differs or not; null: nothing. */
  owed: 'snapshot' | 'update' | null
  /** The state that it holds of another process's view, until it was told what differs. */
  elsewhere: Elsewhere | null
  /** `seq` of the last frame that it was sent. */
  lastSeq: number
  blockedSinceMs: number | null
}

/** A frame of another process, and digests of the tiles as they stood in it. */
export interface Elsewhere {
  epoch: string
  seq: number
  digests: ReadonlyMap<string, string>
}

/** Above this much unsent data a client is skipped. */
export const SKIP_ABOVE_BYTES = 256 * 1_024
/** Above this much, or when skipped for so long, it is ended; it comes back and takes a snapshot. */
export const END_ABOVE_BYTES = 1_024 * 1_024
export const END_AFTER_BLOCKED_MS = 10_000

/** Whether a client can take a frame now; remembers since when it cannot. */
export function readiness(client: LiveClient, nowMs: number): 'ready' | 'blocked' | 'lost' {
  const { bufferedAmount } = client
  if (bufferedAmount > END_ABOVE_BYTES) return 'lost'
  if (bufferedAmount <= SKIP_ABOVE_BYTES) {
    client.blockedSinceMs = null
    return 'ready'
  }
  client.blockedSinceMs ??= nowMs
  return nowMs - client.blockedSinceMs > END_AFTER_BLOCKED_MS ? 'lost' : 'blocked'
}
