/** A request's body as it comes, within bounds, and what is left of it when it has been refused. */

import type { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { IngestError } from './ingest-error.ts'
import { BODY_WITHIN_MS, DRAIN_WITHIN_MS, MAX_BODY_BYTES, MAX_DRAINED_BYTES } from './limits.ts'

export interface ReadLimits {
  maxBytes?: number
  withinMs?: number
  /** Takes bytes out of what all requests may hold together; throws when they are used up. */
  onBytes?: (bytes: number) => void
}

/** Throws `TOO_LARGE`, `TIMEOUT`, and `BAD_REQUEST` when it breaks off. The stream stays open, so that an answer can go out. */
export async function* readChunks(payload: Readable, limits: ReadLimits = {}): AsyncGenerator<Buffer> {
  const { maxBytes = MAX_BODY_BYTES, withinMs = BODY_WITHIN_MS, onBytes = () => {} } = limits
  const chunks = payload.iterator({ destroyOnReturn: false })
  const deadline = startDeadline(withinMs)
  let bytes = 0
  try {
    for (;;) {
      const next = await Promise.race([chunks.next().catch(brokenOff), deadline.passed])
      if (next.done) return
      const chunk: Buffer = next.value
      bytes += chunk.length
      if (bytes > maxBytes) throw new IngestError('TOO_LARGE', `the body has more than ${maxBytes} bytes`)
      onBytes(chunk.length)
      yield chunk
    }
  } finally {
    deadline.end()
    // Not awaited: behind a chunk that never comes it would not end.
    chunks.return?.().catch(() => {
      // The stream is broken; whoever read it has been told.
    })
  }
}

function brokenOff(cause: unknown): never {
  throw new IngestError('BAD_REQUEST', 'the body broke off', { cause })
}

function startDeadline(withinMs: number) {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<never>((_, reject) => {
    const late = () =>
      reject(new IngestError('TIMEOUT', `the body was not there within ${withinMs / 1_000} s`))
    timer = setTimeout(late, withinMs)
  })
  passed.catch(() => {
    // Whoever races against it is told.
  })
  return { passed, end: () => clearTimeout(timer) }
}

/** Takes what is left and drops it, within bounds. True when the end came: the connection can be used again. */
export async function drain(payload: Readable): Promise<boolean> {
  // The iterator that read it before lets go of the stream in its own turn.
  await turn()
  if (payload.readableEnded || payload.destroyed) return true
  return new Promise((resolve) => {
    let bytes = 0
    const done = (whole: boolean) => {
      clearTimeout(timer)
      payload.off('data', count).off('end', ended).off('close', ended).pause()
      resolve(whole)
    }
    const ended = () => done(true)
    const count = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MAX_DRAINED_BYTES) done(false)
    }
    const timer = setTimeout(() => done(false), DRAIN_WITHIN_MS)
    payload.on('data', count).once('end', ended).once('close', ended).resume()
  })
}
