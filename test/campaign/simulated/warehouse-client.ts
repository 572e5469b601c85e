/**
 * A process's way to the simulated server, with all that can happen on it: a request that never arrives, an answer that
 * is lost before, while or after it is carried out, a body that stalls, a client that dies before it has sent all of it.
 */
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import { RevwallError } from '../../../core/runtime/errors.ts'
import { keyBytes } from '../../../processors/orders/order-key.ts'
import type { Random } from '../../oracle/random.ts'
import type { Life } from './life.ts'
import type { Scheduler } from './scheduler.ts'
import { type SimulatedWarehouse, unreachable } from './simulated-warehouse.ts'

export interface NetworkHabits {
  maxLatencyMs: number
  /** Of one request, while `isFlaky`. */
  refused: number
  lost: number
  /** Of an insert's body: that it takes up to `stalledMs`. */
  stalled: number
  stalledMs: number
  isFlaky: boolean
}

export interface ClientParts {
  scheduler: Scheduler
  random: Random
  server: SimulatedWarehouse
  habits: NetworkHabits
  life: Life
}

export function connectSimulated(parts: ClientParts): Warehouse {
  const { server } = parts
  return {
    query: <Row>(sql: string, { params = {} } = {}) =>
      request(
        parts,
        () => `ask: ${short(sql)}`,
        async () => server.query(sql, params as Record<string, unknown>),
      ) as Promise<Row[]>,
    stream: (sql, { params = {} } = {}) => streamKeys(parts, sql, params),
    command: (sql, options = {}) =>
      request(
        parts,
        () => `tell: ${short(sql)}`,
        () => server.command(sql, options),
      ),
    insert: (sql, body, options) => {
      let isOver = false
      const sender = { body: () => sendBody(parts, body), isGone: () => isOver || parts.life.isDead }
      const sent = request(
        parts,
        () => `insert ${options.queryId}`,
        () => server.insert(sql, sender, options),
      )
      return sent.finally(() => {
        isOver = true
      })
    },
    close: async () => {},
  }
}

/** All that is streamed is keys; on a bad day it is cut off anywhere. */
async function* streamKeys(
  parts: ClientParts,
  sql: string,
  params: Record<string, unknown>,
): AsyncGenerator<Uint8Array> {
  const { server, habits, random } = parts
  const what = () => `ask: ${short(sql)}`
  const rows = (await request(parts, what, async () => server.query(sql, params))) as KeyRow[]
  const bytes = Buffer.concat(
    rows.map((row) => keyBytes({ tenant: row.tenant, source: row.source, orderId: row.order_id }).bytes),
  )
  const isCut = habits.isFlaky && random.chance(habits.lost)
  const end = isCut ? Math.floor(random.next() * bytes.length) : bytes.length
  yield bytes.subarray(0, end)
  if (isCut) throw unreachable('connection reset')
}

interface KeyRow {
  tenant: string
  source: string
  order_id: string
}

function request<T>(parts: ClientParts, what: () => string, serve: () => Promise<T>): Promise<T> {
  const { scheduler, random, server, habits, life } = parts
  const latency = () => scheduler.sleep(random.next() * habits.maxLatencyMs)
  return life.through(what, async () => {
    await latency()
    const chance = (of: number) => habits.isFlaky && random.chance(of)
    if (server.isDown || chance(habits.refused)) throw unreachable('connection refused')
    const { epoch } = server
    const answer = serve()
    if (chance(habits.lost)) {
      // It is carried out whether anybody hears of it or not.
      answer.catch(() => {})
      await Promise.race([answer.catch(() => {}), scheduler.sleep(random.next() * MAX_CUT_MS)])
      throw unreachable('connection reset')
    }
    const result = await inTime(answer, scheduler)
    await latency()
    if (server.epoch !== epoch || server.isDown) throw unreachable('the server ended')
    return result
  })
}

const MAX_CUT_MS = 60
/** As connect-warehouse.ts has it: then the client gives up, and the server does not know. */
const REQUEST_TIMEOUT_MS = 120_000

async function inTime<T>(answer: Promise<T>, scheduler: Scheduler): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    const timer = scheduler.after(REQUEST_TIMEOUT_MS, () => reject(unreachable('timeout')))
    answer.then(timer.cancel, timer.cancel)
  })
  return Promise.race([answer, late])
}

/** A client that is gone by then has not sent all of it; one that is stopped sends the rest when it wakes. */
async function sendBody(
  { scheduler, random, habits, life }: ClientParts,
  body: Uint8Array,
): Promise<Uint8Array> {
  // Copied where it stands: what the process does with its bytes later is its own affair.
  const sent = body.slice()
  const isStalled = habits.isFlaky && random.chance(habits.stalled)
  let left = random.next() * (isStalled ? habits.stalledMs : habits.maxLatencyMs)
  const isTooLate = left > RECEIVE_TIMEOUT_MS
  for (left = Math.min(left, RECEIVE_TIMEOUT_MS); left > 0; left -= LOOK_MS) {
    await scheduler.sleep(Math.min(left, LOOK_MS))
    // A server sees that a connection is gone, not that it stands still.
    if (life.isDead) throw unreachable('the client vanished in mid-body')
  }
  if (isTooLate) throw new RevwallError('CLICKHOUSE_209', 'Timeout exceeded while reading from socket')
  if (life.isPaused && random.chance(0.5)) await life.awake()
  return sent
}

/** ClickHouse's http_receive_timeout. */
const RECEIVE_TIMEOUT_MS = 30_000
const LOOK_MS = 500

function short(sql: string): string {
  return sql.replace(/\s+/g, ' ').slice(0, 60)
}
