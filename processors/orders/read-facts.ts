/**
 * The records of a batch as far as they can be read before the state is asked: what is no order fact is judged, of the
 * rest it is known where its compact bytes and its key stand, and the key's fingerprint.
 */
import { encodeCompactOrder } from '../../core/contracts/compact/encode-order.ts'
import type { CompactScan } from '../../core/contracts/compact/scan-order.ts'
import type { BatchContext } from './batch.ts'
import { fingerprint, keyBytes } from './order-key.ts'
import { COMPACT, type PackedBatch, unpackRecord } from './packed-batch.ts'
import { type JudgedRecord, letterOf, parseRecord } from './parse-record.ts'

export interface ReadFacts {
  length: number
  /** 1 where the record is a fact about an order, as far as is known. */
  isFact: Uint8Array
  /** What is known of a record that is not, or not only, compact bytes. */
  judged: (JudgedRecord | undefined)[]
  /** Where its compact bytes stand; the end is 0 where it has none. */
  bytes: Uint8Array[]
  starts: Uint32Array
  ends: Uint32Array
  /** Where the bytes of its key stand. */
  keys: Uint8Array[]
  keyStarts: Uint32Array
  keyEnds: Uint32Array
  /** The key's fingerprint. */
  high: Uint32Array
  low: Uint32Array
}

export function readFacts(packed: PackedBatch, context: BatchContext, scan: CompactScan): ReadFacts {
  const { length } = packed.offsets
  const numbers = () => new Uint32Array(length)
  const facts: ReadFacts = {
    length,
    isFact: new Uint8Array(length),
    judged: new Array(length),
    bytes: new Array(length),
    starts: numbers(),
    ends: numbers(),
    keys: new Array(length),
    keyStarts: numbers(),
    keyEnds: numbers(),
    high: numbers(),
    low: numbers(),
  }
  for (let i = 0; i < length; i++) {
    if (packed.types[i] === COMPACT) readCompact(facts, packed, i, context, scan)
    else readJson(facts, packed, i, context)
  }
  return facts
}

const hash = { high: 0, low: 0 }

function readCompact(
  facts: ReadFacts,
  packed: PackedBatch,
  i: number,
  context: BatchContext,
  scan: CompactScan,
) {
  const start = i === 0 ? 0 : packed.ends[i - 1]!
  const end = packed.ends[i]!
  const fault = scan.readKey(packed.bytes, start, end)
  if (fault !== undefined) {
    facts.judged[i] = { letter: letterOf(unpackRecord(packed, i), context, 'unreadable', fault, undefined) }
    return
  }
  facts.bytes[i] = packed.bytes
  facts.starts[i] = start
  facts.ends[i] = end
  noteKey(facts, i, packed.bytes, scan.keyStart, scan.keyEnd)
}

function readJson(facts: ReadFacts, packed: PackedBatch, i: number, context: BatchContext): void {
  const judged = parseRecord(unpackRecord(packed, i), context)
  facts.judged[i] = judged
  if ('letter' in judged) return
  const { event } = judged
  if (event.type === 'source.progress' || event.role !== 'sale') return
  if (event.type === 'order') {
    const bytes = encodeCompactOrder(event)
    facts.bytes[i] = bytes
    facts.ends[i] = bytes.length
  }
  const key = keyBytes(event)
  noteKey(facts, i, key.bytes, key.start, key.end)
}

function noteKey(facts: ReadFacts, i: number, bytes: Uint8Array, start: number, end: number): void {
  facts.isFact[i] = 1
  facts.keys[i] = bytes
  facts.keyStarts[i] = start
  facts.keyEnds[i] = end
  fingerprint(bytes, start, end, hash)
  facts.high[i] = hash.high
  facts.low[i] = hash.low
}
