import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { textFrame } from './encode-frames.ts'

// `ws` comes with @fastify/websocket; its types leave this class out.
const { Receiver } = createRequire(import.meta.resolve('@fastify/websocket'))('ws') as {
  Receiver: new (options: { isServer: boolean }) => Writable
}

test.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])(
  'a frame of %i bytes is read by a receiver as it was, and so is the one after it',
  async (size) => {
    const receiver = new Receiver({ isServer: false })
    const messages: [string, boolean][] = []
    receiver.on('message', (data: Buffer, isBinary: boolean) => messages.push([String(data), isBinary]))
    const text = 'é'.repeat(size / 2) + 'x'.repeat(size % 2)
    receiver.write(Buffer.concat([textFrame(text), textFrame('after')]))
    receiver.end()
    await once(receiver, 'finish')
    expect(messages).toEqual([
      [text, false],
      ['after', false],
    ])
  },
)
