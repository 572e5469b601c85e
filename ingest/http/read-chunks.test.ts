import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drain, readChunks } from './read-chunks.ts'
import { createRoom } from './room.ts'
import { splitLines } from './split-lines.ts'
import { type Door, openDoor, sampleOrder } from './testing/open-door.ts'

let door: Door
beforeAll(async () => {
  door = await openDoor()
})
afterAll(() => door.close())

async function read(chunks: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const chunk of chunks) text += chunk
  return text
}

test('a body that stalls is given up, and its stream stays open for the answer', async () => {
  const payload = new PassThrough()
  payload.write('half')
  await expect(read(readChunks(payload, { withinMs: 50 }))).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect(payload.destroyed).toBe(false)
})

test('a body that breaks off is the sender’s fault', async () => {
  const payload = new PassThrough()
  payload.write('half')
  setTimeout(() => payload.destroy(new Error('aborted')), 20)
  await expect(read(readChunks(payload))).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test('what is left of a refused body is dropped, and the end is seen', async () => {
  const payload = new PassThrough({ highWaterMark: 10 })
  const writing = (async () => {
    for (let i = 0; i < 100; i++) if (!payload.write('0123456789')) await wait(0)
    payload.end()
  })()
  await expect(read(readChunks(payload, { maxBytes: 25 }))).rejects.toMatchObject({ code: 'TOO_LARGE' })
  expect(await drain(payload)).toBe(true)
  await writing
})

test('lines are put together over chunks, and one that is too long takes no memory', async () => {
  async function* chunks() {
    for (const piece of ['ab', 'c\nd', '\n', '0123', '4567', '89\n', '\nend']) yield Buffer.from(piece)
  }
  const lines: string[] = []
  for await (const line of splitLines(chunks(), 8)) lines.push('bytes' in line ? String(line.bytes) : '!')
  expect(lines).toEqual(['abc', 'd', '!', '', 'end'])
})

test('room is given back, and one more than it holds is sent away', () => {
  const room = createRoom(2, 100)
  const first = room.enter()
  first.takeBytes(60)
  const second = room.enter()
  expect(() => room.enter()).toThrow(expect.objectContaining({ code: 'BUSY' }))
  expect(() => second.takeBytes(60)).toThrow(expect.objectContaining({ code: 'BUSY' }))
  first.leave()
  second.takeBytes(100)
  second.leave()
  room.enter().takeBytes(100)
})

test('a sender that goes away in the middle leaves nothing behind', async () => {
  const body = `${JSON.stringify(sampleOrder('gone'))}\n`
  const { key } = await door.addKey('acme')
  await wait(1_000)
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1')
  socket.write(
    `POST /ingest/orders HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${key}\r\ncontent-type: application/x-ndjson\r\ncontent-length: 99999\r\n\r\n${body}`,
  )
  await wait(100)
  socket.destroy()
  await wait(200)
  expect((await door.post(sampleOrder('next'))).status).toBe(202)
  const ids = (await door.records()).map(({ event }) => event.orderId).filter((id) => id !== undefined)
  expect(ids).toEqual(['next'])
})
