/** One request from its first item to the append: what is right goes into the log, what is not is told. */
import type { NewRecord } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { countRejected, type IngestMetrics } from './ingest-metrics.ts'
import type { Inlet } from './inlet.ts'
import { claimedId, type Fault, judgeEvent, type RejectionCode } from './judge-event.ts'
import { MAX_EVENT_BYTES, MAX_REJECTED_LISTED } from './limits.ts'
import type { Item } from './read-items.ts'
import { keyOf, type PushedSource } from './source-book.ts'

export interface Rejection extends Fault {
  index: number
  id?: string
}

export interface Taken {
  /** Items that are in the log. */
  accepted: number
  rejectedCount: number
  /** The first MAX_REJECTED_LISTED of them. */
  rejected: Rejection[]
}

export interface TakeContext {
  inlet: Inlet
  metrics: IngestMetrics
  clock: Clock
}

/** One item of the tenant's that is right: as what it goes into the log. */
export interface Accepted {
  record: NewRecord
  type: string
  /** Who is vouched for from then on; of orders. */
  source?: PushedSource
}
export type JudgeItem = (raw: unknown) => Accepted | Fault

/** Throws what reading the items throws, and `LOG_UNAVAILABLE`; nothing of the request is in the log then. */
export function takeRequest(
  items: AsyncIterable<Item>,
  tenant: string,
  { inlet, metrics, clock }: TakeContext,
): Promise<Taken> {
  const judge: JudgeItem = (raw) => {
    const judged = judgeEvent(raw, tenant, clock.now())
    if ('code' in judged) return judged
    const source = { tenant, source: judged.source, role: judged.role }
    return { record: inlet.encode(judged), type: judged.type, source }
  }
  const append = ({ records, sources }: Sorted) => inlet.append(records, [...sources.values()])
  return takeItems(items, tenant, { judge, append, metrics })
}

/** Throws what reading the items throws, and what `append` does, which is called once, where there is anything. */
export async function takeItems(
  items: AsyncIterable<Item>,
  tenant: string,
  of: { judge: JudgeItem; append: (sorted: Sorted) => Promise<void>; metrics: IngestMetrics },
): Promise<Taken> {
  const sorted = await sortItems(items, of.judge)
  const { records, types, codes, rejected, rejectedCount } = sorted
  if (records.length > 0) await of.append(sorted)
  for (const [type, count] of types) of.metrics.accepted.inc({ tenant, type }, count)
  countRejected(of.metrics, tenant, codes)
  return { accepted: records.length, rejectedCount, rejected }
}

export interface Sorted extends Omit<Taken, 'accepted'> {
  records: NewRecord[]
  sources: Map<string, PushedSource>
  types: Map<string, number>
  codes: Map<RejectionCode, number>
}

async function sortItems(items: AsyncIterable<Item>, judge: JudgeItem): Promise<Sorted> {
  const sorted: Sorted = {
    records: [],
    sources: new Map(),
    types: new Map(),
    codes: new Map(),
    rejectedCount: 0,
    rejected: [],
  }
  for await (const item of items) {
    const fault = 'raw' in item ? takeItem(sorted, judge(item.raw)) : unreadable(item.unreadable)
    if (fault !== undefined) reject(sorted, item, fault)
  }
  return sorted
}

function takeItem(sorted: Sorted, judged: Accepted | Fault): Fault | undefined {
  if ('code' in judged) return judged
  const { record, type, source } = judged
  if (record.value.length > MAX_EVENT_BYTES)
    return { code: 'TOO_LARGE', message: `the event has more than ${MAX_EVENT_BYTES} bytes` }
  sorted.records.push(record)
  if (source !== undefined) sorted.sources.set(keyOf(source), source)
  count(sorted.types, type)
  return undefined
}

function reject(sorted: Sorted, item: Item, fault: Fault): void {
  count(sorted.codes, fault.code)
  sorted.rejectedCount++
  if (sorted.rejected.length >= MAX_REJECTED_LISTED) return
  const id = 'raw' in item ? claimedId(item.raw) : undefined
  sorted.rejected.push({ index: item.index, ...(id === undefined ? {} : { id }), ...fault })
}

const unreadable = (message: string): Fault => ({ code: 'UNREADABLE', message })

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
