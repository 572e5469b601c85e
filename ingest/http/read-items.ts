/** The items of a body: one event, a list of events, `{"orders": […]}`, or a line each. */
import type { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { IngestError } from './ingest-error.ts'
import { ITEMS_PER_TURN, MAX_EVENT_BYTES, MAX_ITEMS } from './limits.ts'
import { parseJson } from './parse-json.ts'
import { type ReadLimits, readChunks } from './read-chunks.ts'
import { type Line, splitLines } from './split-lines.ts'

/** `index` counts from 0: the place in the list, or the line. */
export type Item = { index: number; raw: unknown } | { index: number; unreadable: string }

export const CONTENT_TYPES = ['application/json', 'application/x-ndjson'] as const
export type BodyType = (typeof CONTENT_TYPES)[number]

/** Throws what readChunks and parseJson throw, and `TOO_LARGE` for too many items. */
export function readItems(payload: Readable, type: BodyType, limits: ReadLimits): AsyncGenerator<Item> {
  const chunks = readChunks(payload, limits)
  return takingTurns(type === 'application/json' ? itemsOfText(chunks) : itemsOfLines(chunks))
}

async function* itemsOfText(chunks: AsyncIterable<Buffer>): AsyncGenerator<Item> {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  const bytes = Buffer.concat(all)
  if (bytes.length === 0) throw new IngestError('BAD_REQUEST', 'the body is empty')
  const list = listOf(parseJson(bytes))
  if (list.length > MAX_ITEMS) throw tooMany()
  for (const [index, raw] of list.entries()) yield { index, raw }
}

function listOf(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body
  const isWrapper = typeof body === 'object' && body !== null && !Object.hasOwn(body, 'type')
  const orders = isWrapper && Object.hasOwn(body, 'orders') && (body as { orders: unknown }).orders
  return Array.isArray(orders) ? orders : [body]
}

/** A line that cannot be read costs the others nothing. Blank lines count as lines and are no items. */
async function* itemsOfLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Item> {
  let items = 0
  let index = -1
  for await (const line of splitLines(chunks, MAX_EVENT_BYTES)) {
    index++
    if ('bytes' in line && isBlank(line.bytes)) continue
    items++
    if (items > MAX_ITEMS) throw tooMany()
    yield { index, ...readLine(line) }
  }
}

function readLine(line: Line): { raw: unknown } | { unreadable: string } {
  if ('tooLong' in line) return { unreadable: `the line has more than ${MAX_EVENT_BYTES} bytes` }
  try {
    return { raw: parseJson(line.bytes) }
  } catch (error) {
    if (error instanceof IngestError) return { unreadable: error.message }
    throw error
  }
}

/** Space, tab and carriage return; with what they end, all that JSON calls white space. */
const isBlank = (bytes: Buffer) => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)

const tooMany = () => new IngestError('TOO_LARGE', `more than ${MAX_ITEMS} events at once: divide them`)

/** A large body must not keep the thread to itself. */
async function* takingTurns(items: AsyncIterable<Item>): AsyncGenerator<Item> {
  let taken = 0
  for await (const item of items) {
    yield item
    if (++taken % ITEMS_PER_TURN === 0) await turn()
  }
}
