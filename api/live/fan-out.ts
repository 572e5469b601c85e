import { checksumOf } from '../../core/contracts/checksum.ts'
import type { HeartbeatFrame, Resume } from '../../core/contracts/frames.ts'
import type { TileName } from '../../core/contracts/tiles.ts'
import type { ApiMetrics } from '../api-metrics.ts'
import type { FrameMemory } from '../shared/frame-memory.ts'
import { heartbeatText, snapshotText, updateText } from './encode-frames.ts'
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
  /** These differ in the newest frame: they are not sent yet, to no client. */
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
    client.socket.terminate()
  }

  function send(client: LiveClient, type: 'snapshot' | 'update', text: string): void {
    client.socket.send(text)
    client.owed = null
    client.elsewhere = null
    client.dirty.clear()
    client.lastSeq = state.seq
    metrics.framesSent.inc({ type })
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
      const missed = ring.since(resume.seq, nowMs)
      if (missed === undefined) return 'gone'
      client.owed = 'update'
      client.lastSeq = resume.seq
      client.dirty.clear()
      for (const name of missed) client.dirty.add(name)
      return 'resume'
    },
    detach: (client) => void clients.delete(client),
    markDirty(names, nowMs) {
      if (names.length > 0) {
        ring.push(state.seq, names, nowMs)
        memory?.remember(state)
      }
      for (const client of clients) for (const name of names) client.dirty.add(name)
    },
    flush(nowMs) {
      // Before the first look there is nothing to show, not even that.
      if (state.seq === 0) return
      const texts = new Map<string, string>()
      const once = (key: string, encode: () => string) => {
        const text = texts.get(key) ?? encode()
        texts.set(key, text)
        return text
      }
      for (const client of readyClients(nowMs)) {
        const moved = client.elsewhere === null ? undefined : memory?.differing(state, client.elsewhere)
        if (moved !== undefined && client.elsewhere !== null) {
          const { epoch: from, seq: prev } = client.elsewhere
          const text = updateText(state, { prev, from, names: moved, serverMs: nowMs })
          send(client, 'update', text)
        } else if (client.owed === 'snapshot') {
          send(
            client,
            'snapshot',
            once('snapshot', () => snapshotText(state, nowMs)),
          )
        } else if (client.owed === 'update' || client.dirty.size > 0) {
          const update = { prev: client.lastSeq, names: [...client.dirty].sort(), serverMs: nowMs }
          const key = `${update.prev}:${update.names.join()}`
          send(
            client,
            'update',
            once(key, () => updateText(state, update)),
          )
        }
      }
    },
    heartbeat(watermarks, nowMs) {
      if (state.seq === 0 || clients.size === 0) return
      beats += 1
      const checksum = beats % BEATS_PER_CHECKSUM === 0 ? checksumOf(state.tiles) : undefined
      const text = heartbeatText(state, { watermarks, checksum }, nowMs)
      for (const client of readyClients(nowMs)) {
        client.socket.send(text)
        metrics.framesSent.inc({ type: 'heartbeat' })
      }
    },
  }
}
