import { Registry } from 'prom-client'
import { beforeEach, expect, test } from 'vitest'
import { checksumOf } from '../../core/contracts/checksum.ts'
import { type Resume, serverFrame } from '../../core/contracts/frames.ts'
import type { Tiles } from '../../core/contracts/tiles.ts'
import { createApiMetrics } from '../api-metrics.ts'
import { createFanOut } from './fan-out.ts'
import { END_ABOVE_BYTES, END_AFTER_BLOCKED_MS, type LiveClient, SKIP_ABOVE_BYTES } from './live-client.ts'
import { RING_MS } from './resume-ring.ts'
import { applyTiles, emptyViewState } from './view-state.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')
let state = emptyViewState('2011-11-17T10:00:00.000Z')
let fanOut = createFanOut(state, createApiMetrics(new Registry()))
beforeEach(() => {
  state = emptyViewState('2011-11-17T10:00:00.000Z')
  fanOut = createFanOut(state, createApiMetrics(new Registry()))
})

function fakeClient(resume?: Resume, nowMs = NOW) {
  const bytes: Uint8Array[] = []
  const sent: string[] = []
  const socket = {
    bufferedAmount: 0,
    ended: false,
    ...{ owed: 'snapshot' as LiveClient['owed'], elsewhere: null, lastSeq: 0, blockedSinceMs: null },
    write(frame: Uint8Array) {
      bytes.push(frame)
      // Each is longer than 125 bytes and shorter than 64 KB.
      sent.push(Buffer.from(frame.subarray(4)).toString())
    },
    terminate() {
      this.ended = true
    },
  }
  const client: LiveClient = socket
  const start = fanOut.attach(client, nowMs, resume)
  return { client, socket, sent, bytes, start, last: () => serverFrame.parse(JSON.parse(sent.at(-1)!)) }
}

function publish(tiles: Partial<Tiles>, nowMs = NOW): void {
  fanOut.markDirty(applyTiles(state, tiles), nowMs)
  fanOut.flush(nowMs)
}

const history = (loaded: number): Partial<Tiles> => ({
  history: { loaded, total: 9, perSecond: null, secondsLeft: null },
})
const products = (revenue: string): Partial<Tiles> => ({
  products: [{ sku: 'a', name: 'A', revenue, units: '1' }],
})

test('a snapshot comes first, and only when there is something to show', () => {
  const wall = fakeClient()
  fanOut.flush(NOW)
  expect(wall.sent).toEqual([])
  publish(history(1))
  expect(wall.last()).toMatchObject({ type: 'snapshot', seq: 1, epoch: state.epoch, set: history(1) })
})

test('what does not differ is not sent', () => {
  const wall = fakeClient()
  publish({ ...history(1), ...products('1') })
  publish({ ...history(1), ...products('1') })
  expect(wall.sent).toHaveLength(1)
  publish({ ...history(2), ...products('1') })
  expect(wall.last()).toMatchObject({ type: 'update', seq: 2, prev: 1, set: history(2) })
  expect(wall.last()).not.toHaveProperty('set.products')
})

test('clients that lack the same get the very same bytes', () => {
  const walls = [fakeClient(), fakeClient()]
  publish(history(1))
  publish(history(2))
  expect(walls[0]!.sent).toEqual(walls[1]!.sent)
  expect(walls[0]!.bytes[1]).toBe(walls[1]!.bytes[1])
})

test('a slow client is skipped, then gets the newest values in one frame that follows its last', () => {
  const slow = fakeClient()
  publish({ ...history(1), ...products('1') })
  slow.socket.bufferedAmount = SKIP_ABOVE_BYTES + 1
  publish(history(2))
  publish({ ...history(3), ...products('2') })
  fanOut.heartbeat({}, NOW)
  expect(slow.sent).toHaveLength(1)
  expect(slow.client.lastSeq).toBe(1)
  slow.socket.bufferedAmount = 0
  fanOut.flush(NOW)
  expect(slow.last()).toMatchObject({
    type: 'update',
    prev: 1,
    seq: 3,
    set: { ...history(3), ...products('2') },
  })
})

test('a client that is far behind, or behind for long, is ended', () => {
  const [far, long] = [fakeClient(), fakeClient()]
  publish(history(1))
  far.socket.bufferedAmount = END_ABOVE_BYTES + 1
  long.socket.bufferedAmount = SKIP_ABOVE_BYTES + 1
  publish(history(2))
  expect([far.socket.ended, long.socket.ended]).toEqual([true, false])
  publish(history(3), NOW + END_AFTER_BLOCKED_MS + 1)
  expect(long.socket.ended).toBe(true)
  expect(fanOut.clients.size).toBe(0)
})

test('a client that comes back gets one update of what differs since, then goes on with the others', () => {
  const stayed = fakeClient()
  publish({ ...history(1), ...products('1') })
  publish(history(2))
  publish(history(3))
  const back = fakeClient({ epoch: state.epoch, seq: 1 })
  fanOut.flush(NOW)
  expect(back.start).toBe('resume')
  expect(back.sent).toHaveLength(1)
  expect(back.last()).toMatchObject({ type: 'update', prev: 1, seq: 3, set: history(3) })
  expect(back.last()).not.toHaveProperty('set.products')
  publish(products('2'))
  expect(back.bytes.at(-1)).toBe(stayed.bytes.at(-1))
})

test('a client that missed nothing is told so by an empty update', () => {
  publish(history(1))
  const back = fakeClient({ epoch: state.epoch, seq: 1 })
  fanOut.flush(NOW)
  expect(back.last()).toMatchObject({ type: 'update', prev: 1, seq: 1, set: {} })
  fanOut.flush(NOW)
  expect(back.sent).toHaveLength(1)
})

test('a client of another epoch, of a time to come, or that was away for too long gets a snapshot', () => {
  publish(history(1))
  publish(history(2))
  const late = NOW + RING_MS + 1
  const starts = [
    fakeClient({ epoch: 'another', seq: 2 }),
    fakeClient({ epoch: state.epoch, seq: 3 }),
    fakeClient({ epoch: state.epoch, seq: 1 }, late),
  ]
  fanOut.flush(late)
  expect(starts.map(({ start }) => start)).toEqual(['epoch', 'gone', 'gone'])
  expect(starts.map((client) => client.last().type)).toEqual(['snapshot', 'snapshot', 'snapshot'])
})

test('every second heartbeat has the checksum of what its clients hold', () => {
  const wall = fakeClient()
  publish({ ...history(1), ...products('1') })
  fanOut.heartbeat({}, NOW)
  expect(wall.last()).not.toHaveProperty('checksum')
  fanOut.heartbeat({}, NOW)
  expect(wall.last()).toMatchObject({ seq: 1, checksum: checksumOf({ ...products('1'), ...history(1) }) })
})
