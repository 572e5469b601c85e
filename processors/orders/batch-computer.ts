/**
 * Step 2: from the state at m, the records become rows, and rows one Native block. Pure: what it needs of the base table
 * it asks for. The same records on the same state give the same bytes, whoever computes them and how often.
 *
 * Nearly all records are snapshots without lists in the compact form, each newer than what is known of its order: they go
 * from bytes to columns (derive-first.ts, known-order.ts). All others become events and rows, and are folded (fold-order.ts).
 */
import type { MarkFields, OrderRow, Provenance } from '../../clickhouse/native/order-row.ts'
import type { RereadOrder } from '../../core/contracts/commands.ts'
import type { Hash64 } from '../../core/contracts/compact/hash-bytes.ts'
import { HAS } from '../../core/contracts/compact/layout.ts'
import { CompactScan, LENGTH_FAULT } from '../../core/contracts/compact/scan-order.ts'
import type { DeadLetter } from '../../core/contracts/dead-letters.ts'
import type { OrderFact, OrdersTopicEvent } from '../../core/contracts/events.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { BatchContext, ComputedBatch, Progress } from './batch.ts'
import { Fold } from './batch-fold.ts'
import type { BatchSource } from './batch-sources.ts'
import { Derived, deriveFirst } from './derive-first.ts'
import { type FoldOutcome, foldOrder, foldSnapshot } from './fold-order.ts'
import { eachSnapshot, type KnownOrder, MAX_DEPTH, scanKnown, scanNext } from './known-order.ts'
import type { LocalClock } from './local-clock.ts'
import { markRow } from './mark-row.ts'
import { type BatchOrigin, OrderColumns } from './order-columns.ts'
import { contentOf, totalDiffers } from './order-content.ts'
import { fingerprintOf, type KeyBytes, keyOf, keyText, type OrderKey } from './order-key.ts'
import type { OrderState, Recent } from './order-state.ts'
import { COMPACT, hashPacked, type PackedBatch, unpackRecord } from './packed-batch.ts'
import { asJson, type JudgedRecord, judgeCompact, letterOf, rawOf } from './parse-record.ts'
import { type ReadFacts, readFacts } from './read-facts.ts'
import { scanSnapshot } from './scan-snapshot.ts'

/** A batch, or the orders of which the base table must be asked first. */
export type Computing = { type: 'batch'; batch: ComputedBatch } | { type: 'asks'; keys: OrderKey[] }

export interface ComputeInput {
  packed: PackedBatch
  /** What each source had told by the batch before. */
  progress: Iterable<Progress>
  /** Present rows by `keyText`, where they were asked for. */
  base?: ReadonlyMap<string, OrderRow>
  /** Why ClickHouse refuses the batch's one record: it is set aside, and the batch is its mark alone. */
  refused?: string
}

/** Of one partition. Columns are large, and may be those of others: a batch is computed in one go. */
export class BatchComputer {
  readonly #context: BatchContext
  readonly #state: OrderState
  readonly #columns: OrderColumns
  readonly #scan = new CompactScan()
  readonly #derived = new Derived()
  /** Of the fact that is being taken: one object for all of them. */
  readonly #place: Place = {
    hash: { high: 0, low: 0 },
    key: { bytes: new Uint8Array(0), start: 0, end: 0 },
    recent: undefined,
  }

  constructor(context: BatchContext, state: OrderState, columns = new OrderColumns()) {
    this.#context = context
    this.#state = state
    this.#columns = columns
  }

  compute(input: ComputeInput): Computing {
    const { packed, refused, base } = input
    // An error may have left some of a batch behind.
    this.#columns.reset()
    if (refused !== undefined) {
      const letter = refusedLetter(packed, refused, this.#context)
      return { type: 'batch', batch: this.#finish(input, new Fold(input, this.#context), [letter]) }
    }
    const facts = readFacts(packed, this.#context, this.#scan)
    if (base === undefined) {
      const keys = this.#asks(facts)
      if (keys.length > 0) return { type: 'asks', keys }
    } else this.#know(base)
    const fold = new Fold(input, this.#context)
    this.#state.begin(packed.last)
    for (let i = 0; i < facts.length; i++) this.#take(facts, i, fold)
    return { type: 'batch', batch: this.#finish(input, fold, fold.deadLetters) }
  }

  /** Keys of orders that are known, but not at hand, and of those of which it is not known whether they are. */
  #asks({ length, high, low, keys, keyStarts, keyEnds, isFact }: ReadFacts): OrderKey[] {
    const asked = new Map<string, OrderKey>()
    const hash = { high: 0, low: 0 }
    for (let i = 0; i < length; i++) {
      if (isFact[i] === 0) continue
      hash.high = high[i]!
      hash.low = low[i]!
      if (!this.#state.mayHave(hash)) continue
      const at = { bytes: keys[i]!, start: keyStarts[i]!, end: keyEnds[i]! }
      if (!this.#state.mustAsk(hash, at, length)) continue
      const key = keyOf(at)
      asked.set(keyText(key), key)
    }
    return [...asked.values()]
  }

  #take(facts: ReadFacts, i: number, fold: Fold): void {
    if (fold.packed.growth !== undefined && i === facts.length - 1) return
    const judged = facts.judged[i]
    if (judged !== undefined && 'letter' in judged) fold.deadLetters.push(judged.letter)
    else if (judged?.event.type === 'source.progress') fold.noteProgress(judged.event)
    else if (facts.isFact[i] === 1) this.#takeFact(facts, i, fold)
  }

  /** Where the state is not whole: whatever the table did not answer is new. */
  #know(base: ReadonlyMap<string, OrderRow>): void {
    const hash = { high: 0, low: 0 }
    for (const row of base.values()) {
      fingerprintOf(row, hash)
      this.#state.know(hash)
    }
  }

  #takeFact(facts: ReadFacts, i: number, fold: Fold): void {
    const place = this.#place
    const { hash, key } = place
    hash.high = facts.high[i]!
    hash.low = facts.low[i]!
    key.bytes = facts.keys[i]!
    key.start = facts.keyStarts[i]!
    key.end = facts.keyEnds[i]!
    if (fold.isMisplaced(key, i)) return
    place.recent = this.#state.find(hash, key, 0)
    if (facts.ends[i]! === 0 || !this.#takeOrdinary(facts, i, place, fold))
      this.#takeEvent(facts, i, place, fold)
  }

  /** A snapshot without lists. False where it is out of the ordinary: then nothing was done. */
  #takeOrdinary(facts: ReadFacts, i: number, place: Place, fold: Fold): boolean {
    const scan = this.#scan
    const derived = this.#derived
    const { offsets, appendedAt } = fold.packed
    if (!scan.readTrusted(facts.bytes[i]!, facts.starts[i]!, facts.ends[i]!)) return false
    const source = fold.sources.ofScan(scan)
    if (source === undefined || !deriveFirst(scan, appendedAt[i]!, source.clock, derived)) return false
    const differs = (scan.has & HAS.total) !== 0 && derived.gross !== derived.computed
    if (place.recent !== undefined) {
      if (!this.#takeNext(facts, i, place, source, fold))
        return this.#takeAgain(i, place, source, differs, fold)
      fold.note(source, appendedAt[i]!, differs)
      return true
    }
    this.#columns.pushFirst(scan, derived, offsets[i]!, source.clock.zone)
    this.#state.putFirst(place.hash, facts.bytes[i]!, facts.starts[i]!, facts.ends[i]!, scan.version)
    fold.note(source, appendedAt[i]!, differs)
    fold.sources.touch(source.tenant, derived.saleDay)
    if (derived.counts) fold.sources.touch(source.tenant, derived.bookedDay)
    return true
  }

  /** The scanned snapshot is newer than all that is known of its order, which are such snapshots too. */
  #takeNext(facts: ReadFacts, i: number, place: Place, { clock, tenant }: BatchSource, fold: Fold): boolean {
    const { recent } = place
    if (recent === undefined || recent === 'base' || !('bytes' in recent)) return false
    if (recent.depth >= MAX_DEPTH || this.#scan.version <= recent.version) return false
    const former = scanKnown(recent, clock)
    const next = scanNext(former, this.#scan, this.#derived)
    const change = { offset: fold.packed.offsets[i]!, clock, revision: recent.depth + 1 }
    this.#columns.pushScanned(former, { ...change, sign: -1 })
    this.#columns.pushScanned(next, { ...change, sign: 1 })
    this.#state.put(place.hash, knownOf(facts, i, this.#scan.version, recent), place.key)
    for (const { derived, booking } of [former, next]) {
      fold.sources.touch(tenant, derived.saleDay)
      for (const { at } of booking.entries) fold.sources.touch(tenant, clock.day(at))
    }
    return true
  }

  /** The scanned snapshot of an order that is known. */
  #takeAgain(i: number, place: Place, source: BatchSource, differs: boolean, fold: Fold): boolean {
    const { clock } = source
    const snapshot = scanSnapshot(this.#scan, this.#derived)
    const former = formerOf(place.recent, snapshot, clock, fold)
    const { offsets, appendedAt } = fold.packed
    const record = { offset: offsets[i]!, appendedAt: appendedAt[i]! }
    try {
      const outcome = foldSnapshot(former, snapshot, clock.zone)
      this.#apply({ fact: snapshot, record, former, outcome, place }, fold)
      fold.note(source, record.appendedAt, differs && outcome.row !== undefined)
      return true
    } catch (error) {
      // The event says what is wrong with it.
      if (error instanceof RevwallError) return false
      throw error
    }
  }

  #takeEvent(facts: ReadFacts, i: number, place: Place, fold: Fold): void {
    const record = unpackRecord(fold.packed, i)
    const judged = facts.judged[i] ?? this.#judge(facts, i, record)
    if ('letter' in judged) {
      fold.deadLetters.push(judged.letter)
      return
    }
    const fact = judged.event
    if (!isSaleFact(fact)) return
    const source = fold.sources.of(fact.tenant, fact.source)!
    const former = formerOf(place.recent, fact, source.clock, fold)
    try {
      const outcome = foldOrder(former, fact, source.clock.zone)
      this.#apply({ fact, record, former, outcome, place }, fold)
      const isSnapshot = fact.type === 'order' && outcome.row !== undefined
      fold.note(source, record.appendedAt, isSnapshot && totalDiffers(fact, contentOf(fact)))
    } catch (error) {
      if (!(error instanceof RevwallError)) throw error
      fold.note(source, record.appendedAt, false)
      const detail = `${error.code}: ${error.message}`
      const told = fold.packed.types[i] === COMPACT ? asJson(record, fact) : record
      fold.deadLetters.push(letterOf(told, this.#context, 'invalid', detail, fact))
    }
  }

  /** A compact record that is not the ordinary one: its event, judged as JSON is. */
  #judge(facts: ReadFacts, i: number, record: RecordView): JudgedRecord {
    const whole = this.#scan.readTrusted(facts.bytes[i]!, facts.starts[i]!, facts.ends[i]!)
    if (!whole) return { letter: letterOf(record, this.#context, 'unreadable', LENGTH_FAULT, undefined) }
    return judgeCompact(this.#scan, record, this.#context)
  }

  #apply({ fact, record, former, outcome, place }: Change, fold: Fold): void {
    const { row, reread } = outcome
    if (row === undefined) return
    const { offset } = record
    if (former) this.#columns.pushRow(former, provenance(fold.origin, offset, -1), row.revision)
    this.#columns.pushRow(row, provenance(fold.origin, offset, 1))
    this.#state.put(place.hash, row, place.key)
    if (reread) fold.rereads.push(rereadCommand(fact, record, this.#context))
    for (const each of former ? [former, row] : [row]) {
      if (each.sightingVersion.length > 0) fold.sources.touch(each.tenant, each.saleDay)
      for (const day of each.bookedDay) fold.sources.touch(each.tenant, day)
    }
  }

  #finish({ packed, refused }: ComputeInput, fold: Fold, deadLetters: DeadLetter[]): ComputedBatch {
    if (refused !== undefined) this.#state.begin(packed.last)
    const { first, last, takenAt } = packed
    const mark = { first, last, progress: fold.sources.progress() }
    const hash = hashPacked(packed)
    const changes = this.#columns.rows
    const marked = markRow({ first, last, rows: changes, hash, mark }, { takenAt }, this.#context)
    this.#columns.pushRow(marked, marked)
    return {
      first,
      last,
      takenAt,
      rows: changes + 1,
      body: this.#columns.finish(fold.origin),
      mark,
      hash,
      deadLetters,
      rereads: fold.rereads,
      misplaced: fold.misplaced,
      hasGrown: fold.hasGrown,
      touched: fold.sources.touched,
      facts: fold.facts,
      warnings: fold.warnings,
      orders: this.#state.orders,
    }
  }
}

type Found = ReturnType<OrderState['find']>
type Versioned = OrderKey & { version: number }
type RecordPlace = Pick<RecordView, 'offset' | 'appendedAt'>

/** Where an order stands in the state. */
interface Place {
  hash: Hash64
  key: KeyBytes
  recent: Found
}

interface Change {
  fact: Versioned
  record: RecordPlace
  former: OrderRow | undefined
  outcome: FoldOutcome
  place: Place
}

type RecordView = ReturnType<typeof unpackRecord>

/** Other roles are linked to sales in queries; they never enter an order's fold. */
function isSaleFact(event: OrdersTopicEvent): event is OrderFact {
  return event.type !== 'source.progress' && event.role === 'sale'
}

/** Written out: an object of two spreads is put together ten times as slowly. */
function provenance(origin: BatchOrigin, offset: number, sign: number): Provenance & MarkFields {
  return {
    sign,
    takenAt: origin.takenAt,
    topic: origin.topic,
    incarnation: origin.incarnation,
    partition: origin.partition,
    offset,
    markFirst: 0,
    markLast: 0,
    markRows: 0,
    markHash: '',
    markCode: '',
    markServerStart: 0,
    progressTenant: NO_LIST,
    progressSource: NO_LIST,
    progressJson: NO_LIST,
    progressFactAt: NO_LIST,
  }
}

const NO_LIST: never[] = []

/** The order as it is: at hand, in the base table, or nothing. */
function formerOf(recent: Found, key: OrderKey, clock: LocalClock, fold: Fold): OrderRow | undefined {
  if (recent === undefined) return undefined
  return recent === 'base' ? fold.base.get(keyText(key)) : rowOf(recent, clock)
}

/** Ordinary snapshots are folded once more. */
function rowOf(recent: Recent, clock: LocalClock): OrderRow {
  if (!('bytes' in recent)) return recent
  let row: OrderRow | undefined
  eachSnapshot(recent, clock, (scan, derived) => {
    row = foldSnapshot(row, scanSnapshot(scan, derived), clock.zone).row
  })
  return row!
}

function knownOf(facts: ReadFacts, i: number, version: number, before: KnownOrder): KnownOrder {
  const depth = before.depth + 1
  // The former one without its whole batch, which would be kept for as long as the order is edited.
  const own = {
    ...before,
    bytes: before.bytes.slice(before.start, before.end),
    start: 0,
    end: before.end - before.start,
  }
  return { bytes: facts.bytes[i]!, start: facts.starts[i]!, end: facts.ends[i]!, version, depth, before: own }
}

function rereadCommand(fact: Versioned, record: RecordPlace, context: BatchContext): RereadOrder {
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

function refusedLetter(packed: PackedBatch, why: string, context: BatchContext): DeadLetter {
  const record = unpackRecord(packed, 0)
  const isCompact = packed.types[0] === COMPACT
  const raw = rawOf(record.value, isCompact)
  return letterOf(isCompact && raw !== undefined ? asJson(record, raw) : record, context, 'refused', why, raw)
}
