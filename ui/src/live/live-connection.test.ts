import { describe, expect, test } from 'vitest'
import { checksumOf } from '../../../core/contracts/checksum.ts'
import type { Tiles } from '../../../core/contracts/tiles.ts'
import { fakePorts, heartbeatText, movedText, products, snapshotText, updateText } from './fake-ports.ts'
import { connectLive, SILENCE_LIMIT_MS, SNAPSHOT_LIMIT_MS } from './live-connection.ts'
import { RECONNECT_MAX_MS } from './reconnect-delay.ts'
import { emptyWall, type WallState } from './wall-state.ts'

function connected() {
  const fake = fakePorts()
  let state: WallState = emptyWall('booked')
  let changes = 0
  const connection = connectLive(fake.ports, 'booked', (next) => {
    state = next
    changes += 1
  })
  const receive = (text: unknown) => fake.last().handlers.onMessage(text)
  const open = () => fake.last().handlers.onOpen()
  const sent = () => fake.last().sent.map(({ type }) => type)
  return { ...fake, connection, receive, open, sent, wall: () => state, changes: () => changes }
}

function live() {
  const wall = connected()
  wall.open()
  wall.receive(snapshotText(7, { products: products('1.00') }))
  return wall
}

describe('connectLive', () => {
  test('watches its axis first and is live with the snapshot', () => {
    const { last, wall, receive, open } = connected()
    open()
    expect(last().sent).toEqual([{ type: 'watch', axis: 'booked' }])
    expect(wall().phase).toBe('connecting')
    receive(snapshotText(7, { products: products('1.00') }))
    expect(wall()).toMatchObject({ phase: 'live', seq: 7, tiles: { products: products('1.00') } })
  })

  test('applies updates that follow one another and keeps the tiles they do not name', () => {
    const { receive, wall } = live()
    receive(updateText(7, 9, { countries: [] }))
    receive(updateText(9, 10, { products: products('2.00') }))
    expect(wall()).toMatchObject({ seq: 10, tiles: { products: products('2.00'), countries: [] } })
  })

  test('goes on with the frames of another process from the very one that it holds', () => {
    const { receive, wall, sent } = live()
    receive(movedText('e1', 7, 3, { countries: [] }))
    expect(wall()).toMatchObject({
      ...{ epoch: 'e2', seq: 3, phase: 'live', resyncs: 0 },
      tiles: { products: products('1.00'), countries: [] },
    })
    receive(updateText(3, 4, { products: products('2.00') }, 'e2'))
    expect(wall()).toMatchObject({ seq: 4, tiles: { products: products('2.00') } })
    expect(sent()).toEqual(['watch'])
    receive(movedText('e2', 3, 9, {}, 'e3'))
    expect(wall()).toMatchObject({ epoch: 'e2', seq: 4, phase: 'resyncing' })
    expect(sent()).toEqual(['watch', 'resync'])
  })

  test('keeps the old values and asks once for a snapshot when it missed a frame', () => {
    const { receive, wall, sent } = live()
    receive(updateText(8, 9, { products: products('9.00') }))
    receive(updateText(9, 10, { products: products('10.00') }))
    expect(wall()).toMatchObject({ phase: 'resyncing', resyncs: 1, tiles: { products: products('1.00') } })
    expect(sent()).toEqual(['watch', 'resync'])
    receive(snapshotText(10, { products: products('10.00') }))
    expect(wall()).toMatchObject({ phase: 'live', seq: 10, tiles: { products: products('10.00') } })
  })

  test.each([
    ['an update', updateText(7, 8, {}, 'e2')],
    ['a heartbeat', heartbeatText(7, 'e2')],
  ])('asks for a snapshot when %s is of another epoch', (_name, text) => {
    const { receive, wall, sent } = live()
    receive(text)
    expect(sent()).toEqual(['watch', 'resync'])
    expect(wall().phase).toBe('resyncing')
  })

  test('counts malformed frames and asks for one snapshot, however many come', () => {
    const { receive, wall, sent } = live()
    for (const text of ['{', '{"type":"update"}', 'null', '{"type":"snapshot","set":[]}']) receive(text)
    expect(wall()).toMatchObject({ malformedFrames: 4, resyncs: 1, phase: 'resyncing' })
    expect(sent()).toEqual(['watch', 'resync'])
  })

  test('starts anew when a snapshot that it asked for does not come', () => {
    const { receive, advance, sockets, wall } = live()
    receive(updateText(8, 9))
    advance(SNAPSHOT_LIMIT_MS + 1_000)
    expect(sockets[0]?.closed).toBe(true)
    expect(wall().phase).toBe('offline')
  })

  test('stays live on heartbeats alone and takes silence for a lost server', () => {
    const { receive, advance, wall, sockets } = live()
    for (let beat = 0; beat < 5; beat += 1) {
      advance(5_000)
      receive(heartbeatText(7))
    }
    expect(wall()).toMatchObject({ phase: 'live', watermarks: { hero: '2011-11-17T14:32:05Z' } })
    advance(SILENCE_LIMIT_MS + 1_001)
    expect(wall()).toMatchObject({ phase: 'offline', tiles: { products: products('1.00') } })
    expect(sockets[0]?.closed).toBe(true)
  })

  test('comes back by itself with what it holds, offline until the answer is there', () => {
    const { last, advance, sockets, wall, open, receive } = live()
    last().handlers.onClose()
    advance(RECONNECT_MAX_MS)
    expect(sockets).toHaveLength(2)
    open()
    expect(last().sent).toEqual([
      { type: 'watch', axis: 'booked', resume: { epoch: 'e1', seq: 7, elsewhere: true } },
    ])
    expect(wall().phase).toBe('offline')
    receive(heartbeatText(9))
    receive(updateText(9, 10, { products: products('9.00') }))
    expect(wall()).toMatchObject({ phase: 'offline', tiles: { products: products('1.00') } })
    receive(updateText(7, 9, { products: products('5.00') }))
    expect(wall()).toMatchObject({ phase: 'live', seq: 9, resyncs: 0, tiles: { products: products('5.00') } })
  })

  test('takes the snapshot of a server that knows nothing of what it holds', () => {
    const { last, advance, wall, open, receive } = live()
    last().handlers.onClose()
    advance(RECONNECT_MAX_MS)
    open()
    receive(updateText(7, 8, { products: products('5.00') }, 'e2'))
    expect(wall().phase).toBe('offline')
    receive(snapshotText(0, {}, 'e2'))
    expect(wall()).toMatchObject({ phase: 'live', epoch: 'e2', seq: 0 })
  })

  test('keeps the old numbers while a new server has not read its own', () => {
    const { receive, wall, sent } = connected()
    const hero = (revenue: string) => ({ axis: 'booked', today: { revenue } }) as Tiles['hero']
    const health: Tiles['health'] = { warehouse: 'restarting', processor: 'running', message: '' }
    receive(snapshotText(7, { hero: hero('1.00') }))
    receive(snapshotText(1, { health }, 'e2'))
    expect(wall()).toMatchObject({ phase: 'resyncing', epoch: 'e2', tiles: { hero: hero('1.00'), health } })
    receive(heartbeatText(1, 'e2', checksumOf({ health })))
    receive(updateText(1, 2, { history: null }, 'e2'))
    expect(wall()).toMatchObject({ phase: 'resyncing', mismatches: 0 })
    receive(updateText(2, 3, { hero: hero('2.00') }, 'e2'))
    expect(wall()).toMatchObject({ phase: 'live', seq: 3, tiles: { hero: hero('2.00') } })
    expect(sent()).toEqual([])
  })

  test('asks for a snapshot when the checksum is not that of what it holds, and counts it', () => {
    const { receive, wall, last } = live()
    receive(heartbeatText(7, 'e1', checksumOf({ products: products('1.00') })))
    expect(wall()).toMatchObject({ phase: 'live', mismatches: 0 })
    receive(heartbeatText(7, 'e1', checksumOf({ products: products('1.01') })))
    expect(wall()).toMatchObject({ phase: 'resyncing', mismatches: 1, resyncs: 1 })
    expect(last().sent.at(-1)).toEqual({ type: 'resync', reason: 'checksum' })
    receive(snapshotText(7, { products: products('1.01') }))
    expect(wall()).toMatchObject({ phase: 'live', tiles: { products: products('1.01') } })
  })

  test('notices by a heartbeat that the last frame before it never came', () => {
    const { receive, last } = live()
    receive(heartbeatText(8))
    expect(last().sent.at(-1)).toEqual({ type: 'resync', reason: 'gap' })
  })

  test('takes an update that began before what it holds, and none that ended before it', () => {
    const { receive, wall, sent } = live()
    receive(updateText(5, 9, { products: products('3.00') }))
    expect(wall()).toMatchObject({ phase: 'live', seq: 9, tiles: { products: products('3.00') } })
    receive(updateText(7, 8, { products: products('2.00') }))
    expect(wall().tiles.products).toEqual(products('3.00'))
    expect(sent()).toEqual(['watch', 'resync'])
  })

  test('closes on goodbye and ignores what a given-up socket still says', () => {
    const { receive, wall, sockets } = live()
    receive(JSON.stringify({ type: 'goodbye', reason: 'shutting down' }))
    expect(wall().phase).toBe('offline')
    sockets[0]?.handlers.onMessage(snapshotText(99))
    sockets[0]?.handlers.onClose()
    expect(wall()).toMatchObject({ phase: 'offline', seq: 7 })
  })

  test('pauses while hidden, changes nothing, and asks on return for what it missed', () => {
    const { receive, connection, wall, sent, last, advance, changes } = live()
    const before = changes()
    connection.setHidden(true)
    receive(updateText(7, 8, { products: products('2.00') }))
    receive('{')
    advance(10 * SILENCE_LIMIT_MS)
    expect(wall()).toMatchObject({ phase: 'live', seq: 7 })
    expect([changes(), last().closed]).toEqual([before, false])
    connection.setHidden(false)
    expect(wall()).toMatchObject({ phase: 'resyncing', tiles: { products: products('1.00') } })
    expect(sent()).toEqual(['watch', 'pause', 'watch'])
    expect(last().sent.at(-1)?.resume).toMatchObject({ epoch: 'e1', seq: 7 })
    receive(updateText(7, 21, { products: products('21.00') }))
    expect(wall()).toMatchObject({ phase: 'live', seq: 21, resyncs: 0, malformedFrames: 0 })
  })

  test('a connection that ends while hidden is opened again on return, at once', () => {
    const { connection, last, sockets, advance, wall, open, receive } = live()
    connection.setHidden(true)
    last().handlers.onClose()
    advance(60_000)
    expect(sockets).toHaveLength(1)
    expect(wall().phase).toBe('live')
    connection.setHidden(false)
    expect(sockets).toHaveLength(2)
    expect(wall()).toMatchObject({ phase: 'offline', tiles: { products: products('1.00') } })
    open()
    receive(updateText(7, 9, { products: products('9.00') }))
    expect(wall()).toMatchObject({ phase: 'live', seq: 9 })
  })

  test('a tab that is opened in the background connects when it is looked at', () => {
    const { connection, sockets, advance, open, last } = connected()
    connection.setHidden(true)
    expect(sockets[0]?.closed).toBe(true)
    advance(60_000)
    expect(sockets).toHaveLength(1)
    connection.setHidden(false)
    open()
    expect(last().sent).toEqual([{ type: 'watch', axis: 'booked' }])
  })

  test('keeps the old axis on the page until the snapshot of the new one comes', () => {
    const { connection, receive, last, wall } = live()
    connection.setAxis('sale')
    expect(wall()).toMatchObject({ phase: 'resyncing', axis: 'sale', tiles: { products: products('1.00') } })
    expect(last().sent.at(-1)).toEqual({ type: 'watch', axis: 'sale' })
    receive(updateText(7, 8, { products: products('3.00') }))
    expect(wall().tiles.products).toEqual(products('1.00'))
    receive(snapshotText(8, { products: products('4.00') }))
    expect(wall()).toMatchObject({ phase: 'live', tiles: { products: products('4.00') } })
  })

  test('stops for good', () => {
    const { connection, last, sockets, advance } = live()
    connection.stop()
    last().handlers.onClose()
    advance(60_000)
    expect(sockets).toHaveLength(1)
    expect(sockets[0]?.closed).toBe(true)
  })
})
