/**
 * RFM, live. One member of a group follows the marks of `orders`: it adds what each batch changed to the customers that it
 * has in memory, and writes whoever's scores or figures are others now, as a row, and as an event where the segment is
 * another.
 *
 * Sums are signed, so that they are exact at the marks that the book is at. What cannot be subtracted, the first and the
 * last day, is read again where an order of that day went away.
 *
 * 1. Events go before rows. A crash in between tells a move twice, with the same id; the other way round it would be lost.
 * 2. Rows carry the customer's revision and may be written twice: the tables keep one.
 * 3. Another process that takes over reads what was stored, so that it tells only what is new.
 *
 * Another division (REVWALL_SEGMENTS, or newer rules) tells everybody anew, in bounded batches: rows in its words, of which
 * those are moves that are so in its words alone.
 */

import type { Registry } from 'prom-client'
import { insertRows } from '../../clickhouse/insert-rows.ts'
import {
  type BatchMark,
  type BuyerScope,
  readBuyerDays,
  readBuyers,
  readNewMarks,
} from '../../clickhouse/queries/read-buyers.ts'
import { type CustomerSegment, readCustomerSegments } from '../../clickhouse/queries/read-segments.ts'
import { readingDatabase } from '../../clickhouse/shards.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { toE4 } from '../../core/contracts/money.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { formatDay, localDay, parseDay } from '../../core/runtime/local-time.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { cellOf } from '../../core/segments/cells.ts'
import type { SegmentChoice } from '../../core/segments/segment-modes.ts'
import { leadLooks } from '../lead-looks.ts'
import { type KeyedEvent, sendEvents } from '../send-events.ts'
import { type TenantTime, tenantTime } from '../tenant-time.ts'
import { NO_ORDERS } from './book-columns.ts'
import { CustomerBook, type CustomerChange, type StoredCustomer } from './customer-book.ts'
import { readLiveDivision } from './live-division.ts'
import { UNSCORED } from './rfm-columns.ts'
import { rfmLag } from './rfm-metrics.ts'
import { changeRow, dayRows, moveEvent, type Occasion } from './segment-rows.ts'

export interface RfmOptions {
  warehouse: Warehouse
  database: string
  run: string
  log: EventLog
  tenants: ReadonlyMap<string, TenantConfig>
  clock: Clock
  logger: Logger
  signal: AbortSignal
  registry: Registry
  /** How customers are divided. Default: `default`. */
  mode?: SegmentChoice
  /** After each look that found something; for tests. */
  onLook?: (health: RfmHealth) => void
}

export interface RfmHealth {
  customers: number
  /** Rows written by the look. */
  changes: number
  moves: number
}

const TOPIC = 'orders'
/** An order is to touch its customer within two seconds, of which its own way takes one where the machine is full. */
const LOOK_INTERVAL_MS = 250

/** How much is written at once, and how long it rests then. */
interface Effort {
  /** By what the look took. */
  rest: number
  /** Rows of one insert, of all tenants; the next look goes on. */
  rows: number
  /** Of these, for each tenant, customers of whom no order came: others' orders moved the cuts. */
  moved: number
}
const IDLE: Effort = { rest: 0, rows: 5_000, moved: 5_000 }
/** While orders come in: frames leave from this thread as well, and the cuts move time and again. */
const FED: Effort = { rest: 0.25, rows: 2_000, moved: 250 }
/** With many orders in one look a customer changes time and again, and is written once where less often is looked. */
const BACKLOG: Effort = { ...FED, rest: 4 }
/** 5,000 a second are none: a look comes about once a second. */
const BACKLOG_ORDERS = 10_000
const DAYS_INTERVAL_MS = 60_000
/** Customers whose first and last day are read again, at most so often: that reads all orders of a tenant. */
const REREAD_INTERVAL_MS = 10_000
/** Rules are stored by a command, somewhere else. */
const RULES_INTERVAL_MS = 5_000

/** Resolves when the signal came and nothing runs any more. */
export function followCustomers(options: RfmOptions): Promise<void> {
  const lag = rfmLag(options.registry)
  return leadLooks(options, {
    ...{ group: `rfm-${options.run}`, complaint: 'customers are scored later' },
    intervalMs: LOOK_INTERVAL_MS,
    open: async (signal) => {
      const follower = await open({ ...options, signal })
      lag.lead(() => (options.clock.now() - waitsSince(follower)) / 1_000)
      return follower
    },
    look,
    rest: ({ taken }, tookMs) => effortOf(taken).rest * tookMs,
    close: async () => lag.leave(),
  })
}

interface Follower {
  options: RfmOptions
  scope: BuyerScope
  time: TenantTime
  books: Map<string, CustomerBook>
  marks: Map<number, BatchMark>
  /** Whose days are to be read again, by tenant and customer. */
  unsure: Map<string, { tenant: string; customer: string }>
  rereadAt: number
  daysAt: number
  rulesAt: number
  /** Records of the batches that the last look found. */
  taken: number
  /** When the last look began. */
  lookedAt: number
}

async function open(options: RfmOptions): Promise<Follower> {
  const { warehouse, tenants, log, clock, mode = 'default' } = options
  const currencies = new Map([...tenants].map(([id, { currency }]) => [id, currency]))
  const database = readingDatabase(warehouse, options.database)
  const scope = { database, topic: TOPIC, currencies }
  const [rulesAt, lookedAt] = [clock.now(), clock.now()]
  const division = await readLiveDivision(warehouse, mode)
  const books = new Map([...tenants.keys()].map((id) => [id, new CustomerBook(division)]))
  for (const book of books.values()) book.comesAt(lookedAt)
  const time = tenantTime(warehouse, scope, () => log.partitions(TOPIC), clock)
  for (const [tenant, book] of books)
    for await (const page of readCustomerSegments(warehouse, { database, tenant }))
      for (const row of page) book.restore(storedOf(row))
  const found = await readNewMarks(warehouse, scope, new Map(), log.partitions(TOPIC))
  const marks = found?.marks ?? new Map<number, BatchMark>()
  const follower = {
    ...{ options, scope, time, books, marks, unsure: new Map() },
    ...{ rereadAt: 0, daysAt: 0, rulesAt, taken: 0, lookedAt },
  }
  for await (const page of readBuyers(warehouse, scope, marks)) {
    if (options.signal.aborted) return follower
    for (const { tenant, customer, ...figures } of page) books.get(tenant)?.set(customer, figures)
  }
  return follower
}

function storedOf(stored: CustomerSegment): StoredCustomer {
  const { customer, revision, mode, segment, recency, frequency, monetary, ...row } = stored
  return {
    ...{ customer, revision, mode, segment, orders: row.orders, revenueE4: toE4(row.revenue) },
    cell: recency === 0 ? UNSCORED : cellOf(recency, frequency, monetary),
    firstDay: parseDay(row.firstDay),
    lastDay: parseDay(row.lastDay),
  }
}

async function look(follower: Follower): Promise<'again' | 'later'> {
  const { options, books } = follower
  follower.lookedAt = options.clock.now()
  for (const book of books.values()) book.comesAt(follower.lookedAt)
  await takeBatches(follower)
  await follower.time.refresh()
  await readUnsure(follower)
  await readRules(follower)
  const effort = effortOf(follower.taken)
  const rows: object[] = []
  const events: KeyedEvent[] = []
  const written: [CustomerBook, CustomerChange][] = []
  for (const [tenant, book] of books) {
    const occasion = occasionOf(tenant, follower)
    for (const change of book.changes(effort.rows - rows.length, parseDay(occasion.day), effort.moved)) {
      rows.push(changeRow(change, book.division, occasion))
      written.push([book, change])
      const event = moveEvent(change, book.division, occasion)
      if (event !== undefined) events.push({ key: `${tenant}/${change.customer}`, value: event })
    }
  }
  await sendEvents(options.log, 'segments', events)
  await insert('segment_changes', rows, options)
  for (const [book, change] of written) book.stored(change)
  const isFull = rows.length === effort.rows
  // Of the day's last state, and while nothing else is left to write.
  if (!isFull && [...books.values()].every(({ isWalked }) => isWalked)) await writeDays(follower)
  if (rows.length > 0)
    options.onLook?.({ customers: countOf(books), changes: rows.length, moves: events.length })
  return isFull ? 'again' : 'later'
}

/** The change that waits longest; where none does, the last look. */
function waitsSince({ books, lookedAt }: Follower): number {
  const waiting = [...books.values()].map((book) => book.waitsSince() ?? lookedAt)
  return Math.min(lookedAt, ...waiting)
}

async function takeBatches(follower: Follower): Promise<void> {
  const { options, scope, books, marks, unsure } = follower
  const { warehouse, log } = options
  const found = await readNewMarks(warehouse, scope, marks, log.partitions(TOPIC))
  follower.taken = found === undefined ? 0 : recordsOf(found.marks, marks)
  if (found === undefined) return
  for (const { tenant, ...day } of await readBuyerDays(warehouse, scope, marks, found))
    if (books.get(tenant)?.add(day) === false)
      unsure.set(`${tenant}/${day.customer}`, { tenant, customer: day.customer })
  for (const [partition, mark] of found.marks) marks.set(partition, mark)
}

function recordsOf(found: Follower['marks'], known: Follower['marks']): number {
  return [...found].reduce((sum, [partition, { last }]) => sum + last - (known.get(partition)?.last ?? -1), 0)
}

function effortOf(taken: number): Effort {
  if (taken > BACKLOG_ORDERS) return BACKLOG
  return taken > 0 ? FED : IDLE
}

async function readUnsure(follower: Follower): Promise<void> {
  const { options, scope, books, marks, unsure } = follower
  const now = options.clock.now()
  if (unsure.size === 0 || now - follower.rereadAt < REREAD_INTERVAL_MS) return
  const asked = [...unsure.values()]
  // Of whom nothing is told nothing is left.
  const left = new Map(unsure)
  for await (const page of readBuyers(options.warehouse, scope, marks, asked))
    for (const { tenant, customer, ...figures } of page) {
      books.get(tenant)!.set(customer, figures)
      left.delete(`${tenant}/${customer}`)
    }
  for (const { tenant, customer } of left.values()) books.get(tenant)!.set(customer, NO_ORDERS)
  unsure.clear()
  follower.rereadAt = options.clock.now()
}

/** Newer ones divide everybody anew. */
async function readRules(follower: Follower): Promise<void> {
  const { warehouse, clock, mode } = follower.options
  if (mode !== 'rules' || clock.now() - follower.rulesAt < RULES_INTERVAL_MS) return
  const division = await readLiveDivision(warehouse, mode)
  for (const book of follower.books.values()) book.divide(division)
  follower.rulesAt = clock.now()
}

async function writeDays(follower: Follower): Promise<void> {
  const { options, books } = follower
  if (options.clock.now() - follower.daysAt < DAYS_INTERVAL_MS) return
  const rows = [...books].flatMap(([tenant, book]) =>
    book.customers === 0 ? [] : dayRows(book, occasionOf(tenant, follower)),
  )
  await insert('segment_days', rows, options)
  follower.daysAt = options.clock.now()
}

function occasionOf(tenant: string, { options, time }: Follower): Occasion {
  const { currency, timeZone } = options.tenants.get(tenant)!
  return { tenant, currency, at: options.clock.now(), day: formatDay(localDay(time.now(tenant), timeZone)) }
}

let inserts = 0

function insert(table: string, rows: readonly object[], options: RfmOptions): Promise<void> {
  const { warehouse, database, run, clock } = options
  inserts += 1
  return insertRows(warehouse, `${database}.${table}`, rows, `${run}:${table}:${clock.now()}:${inserts}`)
}

function countOf(books: ReadonlyMap<string, CustomerBook>): number {
  return [...books.values()].reduce((sum, { customers }) => sum + customers, 0)
}
