/**
 * Step 2: from the state at m, the records become rows. Pure but for the present rows, which are handed in: the same
 * records on the same state give the same batch, whoever computes it and how often.
 */

import type { OrderRow } from '../../clickhouse/native/order-row.ts'
import type { RereadOrder } from '../../core/contracts/commands.ts'
import type { OrderFact, OrdersTopicEvent } from '../../core/contracts/events.ts'
import { orderKey } from '../../core/contracts/order.ts'
import type { LogRecord } from '../../core/log/event-log.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { BatchContext, ComputedBatch, MarkPosition, Progress, TakenBatch } from './batch.ts'
import { foldOrder } from './fold-order.ts'
import { hashRecords } from './hash-records.ts'
import { markRow, NO_MARK } from './mark-row.ts'
import { contentOf, totalDiffers } from './order-content.ts'
import { letterOf, type ParsedRecord, parseRecord } from './parse-record.ts'

/** The records of a batch, judged; in between the state is asked for the orders that they name. */
export interface ParsedBatch {
  taken: TakenBatch
  parsed: readonly ParsedRecord[]
  keys: ReadonlySet<string>
  facts: number
}

export function parseBatch(taken: TakenBatch, context: BatchContext): ParsedBatch {
  const parsed = taken.records.map((record) => parseRecord(record, context))
  const facts = parsed.flatMap((p) => ('event' in p && isSaleFact(p.event) ? [p.event] : []))
  return { taken, parsed, keys: new Set(facts.map(orderKey)), facts: facts.length }
}

/** Other roles are linked to sales in queries; they never enter an order's fold. */
function isSaleFact(event: OrdersTopicEvent): event is OrderFact {
  return event.type !== 'source.progress' && event.role === 'sale'
}

export function computeBatch(
  batch: ParsedBatch,
  before: ReadonlyMap<string, OrderRow>,
  mark: MarkPosition,
  context: BatchContext,
): ComputedBatch {
  const { taken, parsed } = batch
  const progress = new Map(mark.progress)
  const computed: ComputedBatch = {
    first: taken.first,
    last: taken.last,
    takenAt: taken.takenAt,
    rows: [],
    mark: { first: taken.first, last: taken.last, progress },
    hash: hashRecords(taken.records),
    after: new Map(),
    deadLetters: [],
    rereads: [],
    touched: new Map(),
    facts: batch.facts,
    warnings: 0,
  }
  parsed.forEach((item, index) => {
    const record = taken.records[index]!
    if ('letter' in item) computed.deadLetters.push(item.letter)
    else if (item.event.type === 'source.progress') noteProgress(progress, item.event)
    else if (isSaleFact(item.event)) takeFact(computed, before, item.event, record, taken, context)
  })
  computed.rows.push(markRow(computed, taken, context))
  return computed
}

function takeFact(
  computed: ComputedBatch,
  before: ReadonlyMap<string, OrderRow>,
  fact: OrderFact,
  record: LogRecord,
  taken: TakenBatch,
  context: BatchContext,
): void {
  const key = orderKey(fact)
  const former = computed.after.get(key) ?? before.get(key)
  const zone = context.tenants.get(fact.tenant)!.timeZone
  const outcome = foldOr(
    () => foldOrder(former, fact, zone),
    (error) => {
      computed.deadLetters.push(letterOf(record, context, 'invalid', `${error.code}: ${error.message}`, fact))
    },
  )
  noteFact(computed.mark.progress as Map<string, Progress>, fact, record)
  if (outcome?.row === undefined) return
  if (fact.type === 'order' && totalDiffers(fact, contentOf(fact))) computed.warnings += 1
  const from = provenanceOf(record, taken, context)
  if (former) computed.rows.push({ ...former, ...from, sign: -1, revision: outcome.row.revision, ...NO_MARK })
  computed.rows.push({ ...outcome.row, ...from, sign: 1, ...NO_MARK })
  computed.after.set(key, outcome.row)
  if (outcome.reread) computed.rereads.push(rereadCommand(fact, record, context))
  for (const row of former ? [former, outcome.row] : [outcome.row]) touch(computed.touched, row)
}

function foldOr<T>(fold: () => T, refused: (error: RevwallError) => void): T | undefined {
  try {
    return fold()
  } catch (error) {
    if (!(error instanceof RevwallError)) throw error
    refused(error)
    return undefined
  }
}

function provenanceOf(record: LogRecord, taken: TakenBatch, context: BatchContext) {
  const { topic, incarnation, partition } = context
  return { takenAt: taken.takenAt, topic, incarnation, partition, offset: record.offset }
}

function noteProgress(progress: Map<string, Progress>, event: { tenant: string; source: string }): void {
  const key = `${event.tenant}/${event.source}`
  const factAt = progress.get(key)?.factAt ?? 0
  progress.set(key, { tenant: event.tenant, source: event.source, json: JSON.stringify(event), factAt })
}

function noteFact(progress: Map<string, Progress>, { tenant, source }: OrderFact, record: LogRecord): void {
  const key = `${tenant}/${source}`
  const json = progress.get(key)?.json ?? ''
  progress.set(key, { tenant, source, json, factAt: record.appendedAt })
}

function rereadCommand(fact: OrderFact, record: LogRecord, context: BatchContext): RereadOrder {
  const { tenant, source, orderId, version } = fact
  return {
    type: 'order.reread',
    schemaVersion: 1,
    commandId: `${context.topic}:${context.incarnation}:${context.partition}:${record.offset}`,
    tenant,
    source,
    orderId,
    version,
    at: new Date(record.appendedAt).toISOString(),
    by: 'orders processor',
  }
}

function touch(touched: Map<string, Set<number>>, row: OrderRow): void {
  const days = touched.get(row.tenant) ?? new Set<number>()
  touched.set(row.tenant, days)
  if (row.sightingVersion.length > 0) days.add(row.saleDay)
  for (const day of row.bookedDay) days.add(day)
}
