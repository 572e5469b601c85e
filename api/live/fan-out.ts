import { checksumOf } from '../../core/contracts/checksum.ts'
import type { HeartbeatFrame, Resume } from '../../core/contracts/frames.ts'
import type { TileName } from '../../core/contracts/tiles.ts'
import type { ApiMetrics } from '../api-metrics.ts'
import type { FrameMemory } from '../shared/frame-memory.ts'
import { heartbeatText, snapshotText, textFrame, updateText } from './encode-frames.ts'
import { type Elsewhere, type LiveClient, readiness } from './live-client.ts'
import { createResumeRing } from './resume-ring.ts'
import type { ViewState } from './view-state.ts'

/** Every so many heartbeats, that is every ten seconds, one has the checksum. */
export const BEATS_PER_CHECKSUM = 2

/** How a client begins: with what differs since the state that it holds, or with everything, and then why. */
export type Start = 'resume' | 'moved' | 'first' | 'epoch' | 'gone'

export interface FanOut {
  readonly clients: ReadonlySet<LiveClient>
  /** From now on it is sent what the view shows, and first what it lacks of that. */
  attach(client: LiveClient, nowMs: number, resume?: Resume | Elsewhere): Start
  detach(client: LiveClient): void
  /** These differ in the newest frame, which no client was sent yet. */
  markDirty(names: readonly TileName[], nowMs: number): void
  /** Sends each client what it lacks, if it can take it. */
  flush(nowMs: number): void
  /** After a flush, so that whoever gets it has everything up to its `seq`. */
  heartbeat(watermarks: HeartbeatFrame['watermarks'], nowMs: number): void
}

/** The clients of one view. Clients that lack the same get the same bytes, encoded once. */
export function createFanOut(state: ViewState, metrics: ApiMetrics, memory?: FrameMemory): FanOut {
  const clients = new Set<LiveClient>()
  const ring = createResumeRing()
  let beats = 0

  function readyClients(nowMs: number): LiveClient[] {
    return [...clients].filter((client) => {
      const now = readiness(client, nowMs)
      if (now === 'lost') drop(client)
      return now === 'ready'
    })
  }

  // A close frame would only join the queue that it does not read.
  function drop(client: LiveClient): void {
    metrics.clientsDropped.inc({ reason: 'slow' })
    clients.delete(client)
    client.terminate()
  }

  /** Clients that have the same frame lack the same: by its number, the names of what differed since. */
  const lacking = (seq: number): TileName[] =>
    [...state.changedAt].flatMap(([name, changedAt]) => (changedAt > seq ? [name] : [])).sort()

  function send(client: LiveClient, bytes: Uint8Array): void {
    client.write(bytes)
    client.owed = null
    client.elsewhere = null
    client.lastSeq = state.seq
  }

  return {
    clients,
    attach(client, nowMs, resume) {
      clients.add(client)
      client.owed = 'snapshot'
      client.elsewhere = null
      if (resume === undefined) return 'first'
      if ('digests' in resume) {
        client.elsewhere = resume
        return 'moved'
      }
      if (resume.epoch !== state.epoch) return 'epoch'
      if (ring.since(resume.seq, nowMs) === undefined) return 'gone'
      client.owed = 'update'
      client.lastSeq = resume.seq
      return 'resume'
    },
    detach: (client) => void clients.delete(client),
    markDirty(names, nowMs) {
      if (names.length > 0) {
        ring.push(state.seq, names, nowMs)
        memory?.remember(state)
      }
    },
    flush(nowMs) {
      // Before the first look there is nothing to show, not even that.
      if (state.seq === 0) return
      /** By the frame that it follows: one encoding for all that have it. */
      const updates = new Map<number, Uint8Array>()
      const updateAfter = (prev: number) => {
        const bytes =
          updates.get(prev) ?? textFrame(updateText(state, { prev, names: lacking(prev), serverMs: nowMs }))
        updates.set(prev, bytes)
        return bytes
      }
      let snapshot: Uint8Array | undefined
      const sent = { snapshot: 0, update: 0 }
      for (const client of readyClients(nowMs)) {
        const moved = client.elsewhere === null ? undefined : memory?.differing(state, client.elsewhere)
        if (moved !== undefined && client.elsewhere !== null) {
          const { epoch: from, seq: prev } = client.elsewhere
          send(client, textFrame(updateText(state, { prev, from, names: moved, serverMs: nowMs })))
          sent.update += 1
        } else if (client.owed === 'snapshot') {
          snapshot ??= textFrame(snapshotText(state, nowMs))
          send(client, snapshot)
          sent.snapshot += 1
        } else if (client.owed === 'update' || client.lastSeq < state.seq) {
          send(client, updateAfter(client.lastSeq))
          sent.update += 1
        }
      }
      metrics.framesSent.inc({ type: 'snapshot' }, sent.snapshot)
      metrics.framesSent.inc({ type: 'update' }, sent.update)
    },
    heartbeat(watermarks, nowMs) {
      if (state.seq === 0 || clients.size === 0) return
      beats += 1
      const checksum = beats % BEATS_PER_CHECKSUM === 0 ? checksumOf(state.tiles) : undefined
      const bytes = textFrame(heartbeatText(state, { watermarks, checksum }, nowMs))
      const ready = readyClients(nowMs)
      for (const client of ready) client.write(bytes)
      metrics.framesSent.inc({ type: 'heartbeat' }, ready.length)
    },
  }
}
