/** What all requests together may hold at one time. */
import { IngestError } from './ingest-error.ts'
import { MAX_BYTES_AT_ONCE, MAX_REQUESTS } from './limits.ts'

export interface Place {
  /** Throws `BUSY`. */
  takeBytes(bytes: number): void
  leave(): void
}

export interface Room {
  /** Throws `BUSY`. */
  enter(): Place
}

export function createRoom(maxRequests = MAX_REQUESTS, maxBytes = MAX_BYTES_AT_ONCE): Room {
  let requests = 0
  let bytesHeld = 0
  return {
    enter() {
      if (requests >= maxRequests) throw busy(`${maxRequests} requests`)
      requests++
      let mine = 0
      return {
        takeBytes(bytes) {
          if (bytesHeld + bytes > maxBytes) throw busy(`${maxBytes} bytes`)
          bytesHeld += bytes
          mine += bytes
        },
        leave() {
          requests--
          bytesHeld -= mine
        },
      }
    },
  }
}

const busy = (what: string) =>
  new IngestError('BUSY', `More than ${what} at one time; nothing of this request was taken. Send it again.`)
