/** Rows of a query at one server into a table of another, in Native, without holding them: any two that answer HTTP. */
import { Transform } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createClient } from '@clickhouse/client'
import { errorCode, errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import type { WarehouseLogin } from '../connect-warehouse.ts'

export interface StreamOptions {
  from: WarehouseLogin
  to: WarehouseLogin
  /** A SELECT, without a FORMAT. */
  select: string
  /** Qualified name of the table; columns are found by their names. */
  into: string
  signal: AbortSignal
  onBytes: (bytes: number) => void
}

/** A stream that stands still is given up: the server writes what it has once it has all of it. */
const IDLE_TIMEOUT_MS = 600_000
const MAX_ERROR_CHARS = 1_000

const READING = {
  // Else the server would keep the whole answer before it sends any of it.
  wait_end_of_query: 0,
  max_execution_time: 0,
  max_threads: 2,
} as const

const WRITING = {
  wait_end_of_query: 1,
  async_insert: 0,
  insert_deduplicate: 0,
  max_insert_threads: '1',
  max_execution_time: 0,
  max_partitions_per_insert_block: '0',
} as const

/** What went over is to be compared: blocks that came before a failure stay. Throws `CLICKHOUSE_<number>`, `CLICKHOUSE_COPY`. */
export async function streamRows({ from, to, select, into, signal, onBytes }: StreamOptions): Promise<void> {
  const [source, target] = [clientOf(from), clientOf(to)]
  try {
    const { stream } = await source.exec({
      query: `${select} FORMAT Native`,
      clickhouse_settings: READING,
      abort_signal: signal,
    })
    const counting = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        onBytes(chunk.length)
        done(null, chunk)
      },
    })
    // What breaks off at the source breaks off the insert.
    stream.once('error', (error) => counting.destroy(error))
    const reply = await target.exec({
      query: `INSERT INTO ${into} FORMAT Native`,
      values: stream.pipe(counting),
      clickhouse_settings: WRITING,
      abort_signal: signal,
    })
    const said = await text(reply.stream)
    if (said !== '') throw new Error(said)
  } catch (cause) {
    throw failed(into, cause)
  } finally {
    await Promise.all([source.close(), target.close()])
  }
}

function clientOf({ url, user, password }: WarehouseLogin) {
  return createClient({
    url,
    username: user,
    password,
    application: 'revwall move',
    request_timeout: IDLE_TIMEOUT_MS,
    compression: { request: false, response: false },
  })
}

function failed(into: string, cause: unknown): RevwallError {
  const why = errorMessage(cause).slice(0, MAX_ERROR_CHARS)
  return new RevwallError('CLICKHOUSE_COPY', `${into}: ${why} (${errorCode(cause) ?? 'no code'})`, { cause })
}
