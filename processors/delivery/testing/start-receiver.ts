/** Somebody's server: a real one that answers as it is told, and keeps what came. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  id: string
  path: string
  headers: Record<string, string>
  body: string
  atMs: number
}

export type Reply = (received: Received, response: ServerResponse, request: IncomingMessage) => void

export interface Receiver {
  url: string
  received: Received[]
  /** Ids in the order in which they came. */
  ids(): string[]
  reply: Reply
  close(): Promise<void>
}

export const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): Reply =>
  (_received, response) =>
    void response.writeHead(status, headers).end(body)

export const hang: Reply = () => {}
export const cut: Reply = (_received, _response, { socket }) => void socket.destroy()

/** Answers in this order, the last one for ever. */
export function inTurn(...replies: Reply[]): Reply {
  let nth = 0
  return (...exchange) => {
    const reply = replies[Math.min(nth, replies.length - 1)]!
    nth += 1
    reply(...exchange)
  }
}

export async function startReceiver(reply: Reply = answer(200)): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const headers = request.headers as Record<string, string>
    const body = Buffer.concat(parts).toString('utf8')
    const one = { id: headers['webhook-id'] ?? '', path: request.url!, headers, body, atMs: Date.now() }
    received.push(one)
    receiver.reply(one, response, request)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    ids: () => received.map(({ id }) => id),
    reply,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
  return receiver
}
