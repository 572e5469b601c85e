import { describe, expect, test } from 'vitest'
import { fakePorts, heartbeatText, products, snapshotText, updateText } from './fake-ports.ts'
import { connectLive, SILENCE_LIMIT_MS, SNAPSHOT_LIMIT_MS } from './live-connection.ts'
import { RECONNECT_MAX_MS } from './reconnect-delay.ts'
import { emptyWall, type WallState } from './wall-state.ts'

function connected() {
  const fake = fakePorts()
  let state: WallState = emptyWall('booked')
  const connection = connectLive(fake.ports, 'booked', (next) => {
    state = next
  })
  const receive = (text: unknown) => fake.last().handlers.onMessage(text)
  const open = () => fake.last().handlers.onOpen()
  const sent = () => fake.last().sent.map(({ type }) => type)
  return { ...fake, connection, receive, open, sent, wall: () => state }
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

  test('comes back by itself, offline until the snapshot is there', () => {
    const { last, advance, sockets, wall, open, receive } = live()
    last().handlers.onClose()
    advance(RECONNECT_MAX_MS)
    expect(sockets).toHaveLength(2)
    open()
    expect(wall().phase).toBe('offline')
    receive(updateText(7, 8, { products: products('5.00') }))
    expect(wall().tiles.products).toEqual(products('1.00'))
    receive(snapshotText(0, {}, 'e2'))
    expect(wall()).toMatchObject({ phase: 'live', epoch: 'e2', seq: 0 })
  })

  test('closes on goodbye and ignores what a given-up socket still says', () => {
    const { receive, wall, sockets } = live()
    receive(JSON.stringify({ type: 'goodbye', reason: 'shutting down' }))
    expect(wall().phase).toBe('offline')
    sockets[0]?.handlers.onMessage(snapshotText(99))
    sockets[0]?.handlers.onClose()
    expect(wall()).toMatchObject({ phase: 'offline', seq: 7 })
  })

  test('drops frames while hidden and takes a snapshot on return', () => {
    const { receive, connection, wall, sent } = live()
    connection.setHidden(true)
    receive(updateText(7, 8))
    receive(updateText(20, 21))
    expect(wall()).toMatchObject({ phase: 'live', seq: 7 })
    connection.setHidden(false)
    expect(wall().phase).toBe('resyncing')
    expect(sent()).toEqual(['watch', 'resync'])
    receive(snapshotText(21))
    expect(wall()).toMatchObject({ phase: 'live', seq: 21 })
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
