/** A wire between browser and server that loses or alters frames of the websocket; all else passes as it is. */
import { connect, createServer, type Socket } from 'node:net'

/** What becomes of a text frame of the server: another text, or null when it is lost. */
export type Meddle = (text: string) => string | null

export interface MeddlingProxy {
  url: string
  close(): Promise<void>
}

export async function openMeddlingProxy(target: string, meddle: Meddle): Promise<MeddlingProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    const alter = createAlterer(meddle)
    let isLive = false
    near.on('data', (chunk) => {
      isLive ||= /upgrade: websocket/i.test(chunk.toString('latin1'))
      far.write(chunk)
    })
    far.on('data', (chunk) => near.write(isLive ? alter(chunk) : chunk))
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      // The other side ends with it.
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** Takes the server's bytes as they come and returns those that go on: the answer to the upgrade, then frames. */
function createAlterer(meddle: Meddle): (chunk: Buffer) => Buffer {
  let waiting: Buffer = Buffer.alloc(0)
  let upgraded = false
  return (chunk) => {
    waiting = Buffer.concat([waiting, chunk])
    const out: Buffer[] = []
    if (!upgraded) {
      const end = waiting.indexOf('\r\n\r\n')
      if (end === -1) return Buffer.alloc(0)
      upgraded = true
      out.push(waiting.subarray(0, end + 4))
      waiting = waiting.subarray(end + 4)
    }
    for (let frame = frameOf(waiting); frame !== undefined; frame = frameOf(waiting)) {
      out.push(altered(waiting.subarray(0, frame.end), frame.start, meddle))
      waiting = waiting.subarray(frame.end)
    }
    return Buffer.concat(out)
  }
}

const TEXT_WHOLE = 0x81

/** Where the payload of the first frame begins and ends; a server masks nothing (RFC 6455). */
function frameOf(bytes: Buffer): { start: number; end: number } | undefined {
  const short = (bytes[1] ?? 0) & 0x7f
  const start = short === 127 ? 10 : short === 126 ? 4 : 2
  if (bytes.length < start) return undefined
  const length =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short
  return bytes.length < start + length ? undefined : { start, end: start + length }
}

function altered(frame: Buffer, start: number, meddle: Meddle): Buffer {
  if (frame[0] !== TEXT_WHOLE) return frame
  const text = meddle(frame.subarray(start).toString('utf8'))
  if (text === null) return Buffer.alloc(0)
  const payload = Buffer.from(text)
  return Buffer.concat([headOf(payload.length), payload])
}

// A length must be written as short as it can be, or a browser closes.
function headOf(length: number): Buffer {
  if (length < 126) return Buffer.from([TEXT_WHOLE, length])
  if (length < 65_536) return Buffer.from([TEXT_WHOLE, 126, length >> 8, length & 0xff])
  const head = Buffer.from([TEXT_WHOLE, 127, 0, 0, 0, 0, 0, 0, 0, 0])
  head.writeBigUInt64BE(BigInt(length), 2)
  return head
}
