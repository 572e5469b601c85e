/**
 * Many walls that only count: websockets over bare sockets, which know just enough of the protocol to find where a message
 * ends, so that this process leaves the machine to the one that is measured. Run as a process of its own:
 *
 *     node crowd.ts HOST PORT PATH CLIENTS FIRST_MESSAGE
 *
 * It writes a line when all are open, and answers each line that it is sent with `messages bytes` so far.
 */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

const [host = '', port = '', path = '', clients = '', first = ''] = process.argv.slice(2)
/** At a time, so that no queue of connections overflows. */
const AT_A_TIME = 50

const counted = { messages: 0, bytes: 0 }

for (let opened = 0; opened < Number(clients); opened += AT_A_TIME)
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, Number(clients) - opened) }, open))
console.log('open')
createInterface({ input: process.stdin }).on('line', () => {
  console.log(`${counted.messages} ${counted.bytes}`)
})

function open(): Promise<void> {
  const socket = connect(Number(port), host)
  socket.setNoDelay(true)
  const key = randomBytes(16).toString('base64')
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  return new Promise((resolve, reject) => {
    let answer = ''
    const onAnswer = (chunk: Buffer) => {
      answer += chunk.toString('latin1')
      const end = answer.indexOf('\r\n\r\n')
      if (end < 0) return
      if (!answer.startsWith('HTTP/1.1 101')) return reject(new Error(answer.slice(0, 200)))
      socket.off('data', onAnswer)
      count(socket, Buffer.from(answer.slice(end + 4), 'latin1'))
      if (first !== '') socket.write(masked(1, Buffer.from(first)))
      resolve()
    }
    socket.on('data', onAnswer)
    socket.on('error', reject)
    socket.on('close', () => {
      console.error('a wall was sent away')
      process.exit(1)
    })
  })
}

/** Text frames whole; pings are answered, or the server would take this for a dead connection. */
function count(socket: Socket, head: Buffer): void {
  let left = head
  let skip = 0
  const take = (chunk: Buffer) => {
    counted.bytes += chunk.length
    if (skip >= chunk.length) {
      skip -= chunk.length
      return
    }
    const rest = skip > 0 ? chunk.subarray(skip) : chunk
    skip = 0
    left = left.length === 0 ? rest : Buffer.concat([left, rest])
    for (;;) {
      if (left.length < 2) return
      const short = left[1]! & 0x7f
      const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10
      if (left.length < headBytes) return
      const size =
        short < 126 ? short : short === 126 ? left.readUInt16BE(2) : Number(left.readBigUInt64BE(2))
      const kind = left[0]! & 0x0f
      if (kind === 1) {
        counted.messages += 1
        const missing = headBytes + size - left.length
        if (missing >= 0) {
          skip = missing
          left = Buffer.alloc(0)
          return
        }
      } else if (left.length < headBytes + size) return
      else if (kind === 9) socket.write(masked(10, left.subarray(headBytes, headBytes + size)))
      left = left.subarray(headBytes + size)
    }
  }
  socket.on('data', take)
  if (head.length > 0) {
    left = Buffer.alloc(0)
    take(head)
  }
}

/** What a client sends is masked; a mask of zeros is one. Under 126 bytes. */
function masked(kind: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | kind, 0x80 | payload.length, 0, 0, 0, 0]), payload])
}
