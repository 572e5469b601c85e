import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { errorMessage, RevwallError } from '../core/runtime/errors.ts'
import { shardedWarehouse } from './shards.ts'
import type { InsertOptions, QueryOptions, Warehouse } from './warehouse.ts'

export interface WarehouseLogin {
  /** `http://host:8123`; several with commas are shards, in their order. */
  url: string
  user: string
  password: string
  database?: string
  /** When it is over the outcome of an insert is uncertain. Default 120 s. */
  requestTimeoutMs?: number
  /** More requests than this wait in the client. */
  maxConnections?: number
}

/**
 * Any ClickHouse over HTTP. Rejects with RevwallError: `CLICKHOUSE_<number>` and ClickHouse's own message when the
 * server refused, `CLICKHOUSE_UNREACHABLE` when there was no whole answer, `CLICKHOUSE_ABORTED` by the caller's signal.
 */
export function connectWarehouse(login: WarehouseLogin): Warehouse {
  const servers = login.url.split(',').map((url) => connectServer({ ...login, url }))
  return servers.length === 1 ? servers[0]! : shardedWarehouse(servers)
}

function connectServer(login: WarehouseLogin): Warehouse {
  const client = clientOf(login)
  return {
    query: (sql, options) =>
      translated(options, async () => {
        const result = await client.query({ query: sql, format: 'JSONEachRow', ...requestOf(options) })
        const { response_headers: headers } = result
        const rows: never[] = await result.json()
        requireWhole(rows.length, headers[SUMMARY_HEADER])
        return rows
      }),
    stream: (sql, options) => streamOf(client, sql, options),
    command: (sql, options) =>
      translated(options, async () => {
        await client.command({ query: sql, ...requestOf(options) })
      }),
    insert: (sql, body, options) =>
      translated(options, async () => {
        const values = Readable.from([body], { objectMode: false })
        const reply = await client.exec({ query: sql, values, ...requestOf(options) })
        requireDone(reply.http_status_code, await text(reply.stream))
      }),
    close: () => client.close(),
  }
}

function clientOf(login: WarehouseLogin) {
  return createClient({
    url: login.url,
    username: login.user,
    password: login.password,
    database: login.database ?? 'default',
    application: 'revwall',
    request_timeout: login.requestTimeoutMs ?? 120_000,
    max_open_connections: login.maxConnections ?? 32,
    // Idle sockets are dropped long before a server closes them (3 s and up), so a request rarely meets a dying one.
    keep_alive: { enabled: true, idle_socket_ttl: 1_500 },
    compression: { request: false, response: false },
    // Errors are logged once, by whoever handles them.
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: SETTINGS,
  })
}

const SETTINGS = {
  // Doubles cannot hold them.
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
  // The status is sent when all is done, so that a 200 means success; progress headers would send it at once.
  wait_end_of_query: 1,
  // What is longer goes to a file first; a short answer needs no room on the disk.
  http_response_buffer_size: '65536',
  send_progress_in_http_headers: 0,
} as const

function requestOf(options: Partial<QueryOptions & InsertOptions> = {}) {
  return {
    query_params: options.params,
    clickhouse_settings: options.settings,
    query_id: options.queryId,
    abort_signal: options.signal,
  }
}

/** A reader may have other things to do in between. */
const SEND_TIMEOUT_S = 300

async function* streamOf(
  client: ReturnType<typeof clientOf>,
  sql: string,
  options: QueryOptions = {},
): AsyncGenerator<Uint8Array> {
  const { clickhouse_settings: settings, ...request } = requestOf(options)
  const query = `${sql} FORMAT RowBinary`
  const asked = { ...settings, wait_end_of_query: 0, http_send_timeout: SEND_TIMEOUT_S } as const
  const reply = await translated(options, () =>
    client.exec({ query, ...request, clickhouse_settings: asked }),
  )
  const chunks = reply.stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  try {
    for (;;) {
      // An exception behind the first rows breaks the connection off.
      const { done, value } = await translated(options, () => chunks.next())
      if (done) return
      yield value
    }
  } finally {
    reply.stream.destroy()
  }
}

const SUMMARY_HEADER = 'x-clickhouse-summary'

// With a full disk the server (26.7) answers 200 without the rows that it made: taken for none they would be orders that
// nobody knows yet. It says itself how many there were.
function requireWhole(rows: number, summary: string | string[] | undefined): void {
  const told = typeof summary === 'string' ? Number(JSON.parse(summary).result_rows) : 0
  if (rows < told)
    throw new RevwallError(
      'CLICKHOUSE_UNREACHABLE',
      `ClickHouse sent ${rows} of ${told} rows: is its disk full?`,
    )
}

// The client turns a bad status and an exception's header into errors; what is left is an exception that follows a 200
// as text in the body, and whatever a proxy may answer.
function requireDone(status: number | undefined, body: string): void {
  if (status === 200 && body === '') return
  const reply = body.slice(0, MAX_MESSAGE_CHARS)
  const code = /^Code: (\d+)/m.exec(body)?.[1]
  if (code !== undefined) throw new RevwallError(`CLICKHOUSE_${code}`, reply)
  throw new RevwallError('CLICKHOUSE_UNREACHABLE', `Not the answer of an insert: ${status} ${reply}`)
}

const MAX_MESSAGE_CHARS = 2_000

async function translated<T>(options: Partial<QueryOptions> = {}, request: () => Promise<T>): Promise<T> {
  // The client listens to a signal but does not look whether it is aborted already.
  if (options.signal?.aborted) throw aborted(options.signal.reason)
  try {
    return await request()
  } catch (error) {
    throw options.signal?.aborted ? aborted(error) : asRevwallError(error)
  }
}

const aborted = (cause: unknown) =>
  new RevwallError('CLICKHOUSE_ABORTED', 'The query was called off.', { cause })

function asRevwallError(cause: unknown): RevwallError {
  if (cause instanceof RevwallError) return cause
  const message = errorMessage(cause)
  if (cause instanceof ClickHouseError)
    return new RevwallError(`CLICKHOUSE_${cause.code}`, message, { cause })
  // The embedded server has no handler for a login that it does not know, where others answer with code 516.
  if (message.startsWith('There is no handle'))
    return new RevwallError('CLICKHOUSE_516', 'ClickHouse does not know this user and password.', { cause })
  return new RevwallError('CLICKHOUSE_UNREACHABLE', `No answer from ClickHouse: ${message}`, { cause })
}
