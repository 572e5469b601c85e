import { Registry } from 'prom-client'
import { beforeEach, expect, test } from 'vitest'
import { serverFrame } from '../../core/contracts/frames.ts'
import type { Tiles } from '../../core/contracts/tiles.ts'
import { createApiMetrics } from '../api-metrics.ts'
import { createFanOut } from './fan-out.ts'
import { createLiveClient, END_ABOVE_BYTES, END_AFTER_BLOCKED_MS, SKIP_ABOVE_BYTES } from './live-client.ts'
import { applyTiles, emptyViewState } from './view-state.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')
let state = emptyViewState('2011-11-17T10:00:00.000Z')
let fanOut = createFanOut(state, createApiMetrics(new Registry()))
beforeEach(() => {
  state = emptyViewState('2011-11-17T10:00:00.000Z')
  fanOut = createFanOut(state, createApiMetrics(new Registry()))
})

function fakeClient() {
  const sent: string[] = []
  const socket = {
    bufferedAmount: 0,
    ended: false,
    send: (text: string) => void sent.push(text),
    ping: () => {},
    close: () => {},
    terminate() {
      this.ended = true
    },
  }
  const client = createLiveClient(socket)
  fanOut.attach(client)
  return { client, socket, sent, last: () => serverFrame.parse(JSON.parse(sent.at(-1)!)) }
}

function publish(tiles: Partial<Tiles>, nowMs = NOW): void {
  fanOut.markDirty(applyTiles(state, tiles))
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

test('clients that lack the same get the very same text', () => {
  const walls = [fakeClient(), fakeClient()]
  publish(history(1))
  publish(history(2))
  expect(walls[0]!.sent).toEqual(walls[1]!.sent)
  expect(walls[0]!.sent[1]).toBe(walls[1]!.sent[1])
})

test('a slow client is skipped, then gets the newest values in one frame that follows its last', () => {
  const slow = fakeClient()
  publish({ ...history(1), ...products('1') })
  slow.socket.bufferedAmount = SKIP_ABOVE_BYTES + 1
  publish(history(2))
  publish({ ...history(3), ...products('2') })
  fanOut.heartbeat({}, NOW)
  expect(slow.sent).toHaveLength(1)
  expect(slow.client.dirty.size).toBe(2)
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
