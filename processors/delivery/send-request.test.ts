import type { lookup } from 'node:dns'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isPrivateAddress } from './private-address.ts'
import { createSender, type OutgoingRequest } from './send-request.ts'
import { answer, cut, hang, type Receiver, startReceiver } from './testing/start-receiver.ts'

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())

function outgoing(url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest {
  const { signal } = new AbortController()
  return { url, headers: {}, body: Buffer.from('{}'), timeoutMs: 300, maxAnswerBytes: 1_000, signal, ...more }
}

describe('private addresses', () => {
  it.each([
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '172.31.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
      '224.0.0.1',
    ],
    ...[
      '255.255.255.255',
      '::1',
      '::',
      'fc00::1',
      'fe80::1',
      'ff02::1',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
      '2002:a00:1::',
    ],
  ])('%s is one', (address) => expect(isPrivateAddress(address)).toBe(true))

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '192.0.1.1', '2606:4700::1111', '2a00:1450:4001::1'])(
    '%s is none',
    (address) => expect(isPrivateAddress(address)).toBe(false),
  )
})

describe('a request', () => {
  it.each([
    'http://127.0.0.1:1/',
    'http://[::1]:1/',
    'http://2130706433:1/',
    'http://0x7f.1:1/',
    'http://[::ffff:127.0.0.1]:1/',
  ])('to %s goes nowhere', async (url) => {
    await expect(createSender({ allowPrivate: false })(outgoing(url))).rejects.toMatchObject({
      code: 'DELIVERY_PRIVATE_ADDRESS',
    })
  })

  it('goes nowhere where the name leads into a private network, the second time it is asked too', async () => {
    const { port } = new URL(receiver.url)
    const leads = [['93.184.216.34'], ['127.0.0.1'], ['10.0.0.1', '127.0.0.1']]
    const asked: string[] = []
    const resolve = ((name: string, _options: object, done: (error: null, found: object[]) => void) => {
      asked.push(name)
      done(
        null,
        (leads[asked.length] ?? leads[0]!).map((address) => ({ address, family: 4 })),
      )
    }) as unknown as typeof lookup
    const send = createSender({ allowPrivate: false, resolve })
    for (let nth = 0; nth < 2; nth++)
      await expect(send(outgoing(`http://shop.example:${port}/`))).rejects.toMatchObject({
        code: 'DELIVERY_PRIVATE_ADDRESS',
      })
    expect(asked).toEqual(['shop.example', 'shop.example'])
    expect(receiver.received).toHaveLength(0)
  })

  it('reads no more of an answer than it may, and of one that never ends no longer', async () => {
    const send = createSender({ allowPrivate: true })
    receiver.reply = answer(200, {}, 'x'.repeat(100_000))
    expect((await send(outgoing(receiver.url))).body).toHaveLength(1_000)
    expect(await send(outgoing(receiver.url, { maxAnswerBytes: 0 }))).toMatchObject({ status: 200, body: '' })
    receiver.reply = (_, response) => void response.writeHead(200).write('x')
    await expect(send(outgoing(receiver.url))).rejects.toThrow()
    expect(await send(outgoing(receiver.url, { maxAnswerBytes: 0 }))).toMatchObject({ status: 200 })
  })

  it('that is answered by nobody, by half, or by a page elsewhere says so', async () => {
    const send = createSender({ allowPrivate: true })
    receiver.reply = hang
    await expect(send(outgoing(receiver.url))).rejects.toMatchObject({ code: 'DELIVERY_TIMEOUT' })
    receiver.reply = cut
    await expect(send(outgoing(receiver.url))).rejects.toThrow(/hang up|cut|RESET/i)
    receiver.reply = answer(307, { location: receiver.url })
    receiver.received.length = 0
    expect(await send(outgoing(receiver.url))).toMatchObject({ status: 307 })
    expect(receiver.received).toHaveLength(1)
    await expect(send(outgoing('file:///etc/passwd'))).rejects.toMatchObject({ code: 'DELIVERY_BAD_ADDRESS' })
  })
})
