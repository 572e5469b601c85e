/**
 * A TCP proxy between a processor and ClickHouse that spoils one insert: holds its body back, cuts it, or loses its
 * reply. It knows just enough of HTTP to find where an insert of a batch begins. What it does to all connections alike it
 * can do to those of a broker, too.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export interface SpoiltInsert {
  /** Which insert, from 1. */
  nth: number
  /**
   * `holdAfter`: so many bytes of the body pass, of 'nothing' not even the head; the rest is kept. `lose reply`: the
   * insert is done, and the client is cut off.
   */
  how: 'lose reply' | { holdAfter: number | 'nothing' }
}

export interface FaultProxy {
  readonly url: string
  /** Resolves when the insert was met: held, or its reply is there and lost. */
  readonly met: Promise<void>
  /** The bytes that were held go on. */
  release(): void
  /** Both sides are cut off. */
  cut(): void
  /** All connections are cut off; new ones are taken. */
  cutAll(): void
  /** Whatever comes, either way, goes on so much later. */
  slow(delayMs: number): void
  /** Nobody listens any more, and what was connected is cut off. */
  refuse(): Promise<void>
  /** The same port again. */
  accept(): Promise<void>
  close(): Promise<void>
}

/** The head of a batch's insert, as the client writes it: the statement stands in the URL. */
const INSERT_HEAD = /^POST [^ ]*query=INSERT[^ ]*order_changes/

const END_OF_HEAD = '\r\n\r\n'

interface Rules {
  spoil?: SpoiltInsert
  seen: number
  delayMs: number
  onMet: () => void
}

interface Pair {
  client: Socket
  server: Socket
  toServer: (bytes: Buffer) => void
  held: Buffer[] | undefined
  spoilt: boolean
  /** Bytes of the spoilt insert that are still let through. */
  passes: number
}

/** `target`: its address, asked for at each connection where it is not known yet. */
export async function startProxy(target: string | (() => string), spoil?: SpoiltInsert): Promise<FaultProxy> {
  const pairs = new Set<Pair>()
  const rules: Rules = { spoil, seen: 0, delayMs: 0, onMet: () => {} }
  const targetNow = typeof target === 'string' ? () => target : target
  const met = new Promise<void>((resolve) => {
    rules.onMet = resolve
  })
  const server = createServer((client) => pairUp(client, targetNow(), rules, pairs))
  await listen(server, 0)
  const { port } = server.address() as AddressInfo
  const cutAll = () => {
    for (const pair of pairs) cut(pair)
  }
  const refuse = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    cutAll()
    await closed
  }
  return {
    url: `http://127.0.0.1:${port}`,
    met,
    release: () => {
      for (const pair of pairs) letGo(pair)
    },
    cut: () => {
      for (const pair of pairs) if (pair.spoilt) cut(pair)
    },
    cutAll,
    slow: (delayMs) => {
      rules.delayMs = delayMs
    },
    refuse,
    accept: () => listen(server, port),
    close: async () => {
      if (server.listening) await refuse()
    },
  }
}

function pairUp(client: Socket, target: string, rules: Rules, pairs: Set<Pair>): void {
  const { hostname, port } = new URL(target)
  const server = connect(Number(port), hostname)
  const toClient = road(client, rules)
  const pair: Pair = {
    client,
    server,
    toServer: road(server, rules),
    held: undefined,
    spoilt: false,
    passes: 0,
  }
  pairs.add(pair)
  for (const socket of [client, pair.server])
    socket
      // An error is always followed by a close, which ends both sides.
      .on('error', () => {})
      .on('close', () => {
        cut(pair)
        pairs.delete(pair)
      })
  client.on('data', (bytes) => forward(pair, bytes, rules))
  pair.server.on('data', (bytes) => {
    if (!pair.spoilt || rules.spoil?.how !== 'lose reply') return toClient(bytes)
    cut(pair)
    return rules.onMet()
  })
}

function forward(pair: Pair, bytes: Buffer, rules: Rules): void {
  if (pair.held !== undefined) return void pair.held.push(bytes)
  const begins = INSERT_HEAD.test(bytes.toString('latin1'))
  if (begins) {
    rules.seen += 1
    pair.spoilt = rules.seen === rules.spoil?.nth
    pair.passes = allowance(bytes, rules)
  }
  const now = pair.spoilt ? Math.min(pair.passes, bytes.length) : bytes.length
  pair.passes -= now
  if (now > 0) pair.toServer(bytes.subarray(0, now))
  if (now === bytes.length) return
  pair.held = [bytes.subarray(now)]
  rules.onMet()
}

/** How many bytes from the beginning of the head on are let through. */
function allowance(bytes: Buffer, { spoil }: Rules): number {
  if (spoil === undefined || spoil.how === 'lose reply') return Number.POSITIVE_INFINITY
  const { holdAfter } = spoil.how
  return holdAfter === 'nothing' ? 0 : bytes.indexOf(END_OF_HEAD) + END_OF_HEAD.length + holdAfter
}

function letGo(pair: Pair): void {
  const { held = [] } = pair
  pair.held = undefined
  pair.spoilt = false
  for (const bytes of held) pair.toServer(bytes)
}

/** One direction, in which nothing overtakes what went before. */
function road(to: Socket, rules: Rules): (bytes: Buffer) => void {
  let last: Promise<unknown> | undefined
  return (bytes) => {
    if (rules.delayMs === 0 && last === undefined) return void to.write(bytes)
    const arrival = Promise.all([last, delay(rules.delayMs)]).then(() => {
      to.write(bytes)
      if (last === arrival) last = undefined
    })
    last = arrival
  }
}

function cut({ client, server }: Pair): void {
  client.destroy()
  server.destroy()
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
}
