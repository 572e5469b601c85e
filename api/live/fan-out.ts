import type { HeartbeatFrame } from '../../core/contracts/frames.ts'
import type { TileName } from '../../core/contracts/tiles.ts'
import type { ApiMetrics } from '../api-metrics.ts'
import { heartbeatText, snapshotText, updateText } from './encode-frames.ts'
import { type LiveClient, readiness } from './live-client.ts'
import type { ViewState } from './view-state.ts'

export interface FanOut {
  readonly clients: ReadonlySet<LiveClient>
  attach(client: LiveClient): void
  detach(client: LiveClient): void
  /** Marks tiles as not sent yet, for every client. */
  markDirty(names: readonly TileName[]): void
  /** Sends each client what it lacks, if it can take it. */
  flush(nowMs: number): void
  heartbeat(watermarks: HeartbeatFrame['watermarks'], nowMs: number): void
}

/** The clients of one view. Clients that lack the same get the same bytes, encoded once. */
export function createFanOut(state: ViewState, metrics: ApiMetrics): FanOut {
  const clients = new Set<LiveClient>()

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
    client.needsSnapshot = false
    client.dirty.clear()
    client.lastSeq = state.seq
    metrics.framesSent.inc({ type })
  }

  return {
    clients,
    attach(client) {
      client.needsSnapshot = true
      clients.add(client)
    },
    detach: (client) => void clients.delete(client),
    markDirty(names) {
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
        if (client.needsSnapshot) {
          send(
            client,
            'snapshot',
            once('snapshot', () => snapshotText(state, nowMs)),
          )
        } else if (client.dirty.size > 0) {
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
      if (state.seq === 0) return
      const text = heartbeatText(state, watermarks, nowMs)
      for (const client of readyClients(nowMs)) {
        client.socket.send(text)
        metrics.framesSent.inc({ type: 'heartbeat' })
      }
    },
  }
}
