/** The key of an order as bytes: as the compact form writes it, so that a record's own bytes need not be copied. */
import { CompactWriter } from '../../core/contracts/compact/compact-writer.ts'
import { type Hash64, hashBytes } from '../../core/contracts/compact/hash-bytes.ts'
import { CompactScan, type Span } from '../../core/contracts/compact/scan-order.ts'

export interface OrderKey {
  tenant: string
  source: string
  orderId: string
}

/** Where a key stands: tenant, source and order id, each with its length before it. */
export interface KeyBytes {
  bytes: Uint8Array
  start: number
  end: number
}

const KEY_SEED = 0x6f72_6472
const writer = new CompactWriter()
const scan = new CompactScan()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Of a key's bytes, into `into`; never (0, 0), which an index takes for nothing. */
export function fingerprint(bytes: Uint8Array, start: number, end: number, into: Hash64): void {
  hashBytes(bytes, start, end, KEY_SEED, into)
  if (into.high === 0 && into.low === 0) into.low = 1
}

export function fingerprintOf(key: OrderKey, into: Hash64): void {
  writeKey(key)
  fingerprint(writer.bytes, 0, writer.length, into)
}

/** The key's bytes, of its own. */
export function keyBytes(key: OrderKey): KeyBytes {
  writeKey(key)
  return { bytes: writer.bytes.slice(0, writer.length), start: 0, end: writer.length }
}

/** Short ASCII is cheaper to put together here than to hand to the decoder. */
const SHORT_BYTES = 24

/** The text of UTF-8 bytes. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT_BYTES) return decoder.decode(bytes.subarray(start, end))
  let text = ''
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte > 0x7f) return decoder.decode(bytes.subarray(start, end))
    text += String.fromCharCode(byte)
  }
  return text
}

export function keyOf(key: KeyBytes): OrderKey {
  scan.readKeyAlone(key.bytes, key.start, key.end)
  const text = ({ start, end }: { start: number; end: number }) => textOf(key.bytes, start, end)
  return { tenant: text(scan.tenant), source: text(scan.source), orderId: text(scan.orderId) }
}

/** Whether an order has this key. */
export function hasKey(order: OrderKey, key: KeyBytes): boolean {
  writeKey(order)
  return isSame(writer.bytes, 0, writer.length, key)
}

export function isSame(bytes: Uint8Array, start: number, end: number, key: KeyBytes): boolean {
  if (end - start !== key.end - key.start) return false
  for (let i = start, j = key.start; i < end; i++, j++) if (bytes[i] !== key.bytes[j]) return false
  return true
}

/** What `partitionOf` says of the key's text. */
export function partitionOfKey(key: KeyBytes, partitions: number): number {
  scan.readKeyAlone(key.bytes, key.start, key.end)
  let hash = hashSpan(FNV_BASIS, key.bytes, scan.tenant)
  hash = hashSpan(hashByte(hash, SLASH), key.bytes, scan.source)
  hash = hashSpan(hashByte(hash, SLASH), key.bytes, scan.orderId)
  return (hash >>> 0) % partitions
}

const FNV_BASIS = 0x811c9dc5
const FNV_PRIME = 0x01000193
const SLASH = 0x2f

function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, FNV_PRIME)
}

function hashSpan(basis: number, bytes: Uint8Array, { start, end }: Span): number {
  let hash = basis
  for (let at = start; at < end; at++) hash = hashByte(hash, bytes[at]!)
  return hash
}

/** Tenant and source hold no slash; an order id may. */
export function keyText({ tenant, source, orderId }: OrderKey): string {
  return `${tenant}/${source}/${orderId}`
}

function writeKey({ tenant, source, orderId }: OrderKey): void {
  writer.reset()
  writer.text(tenant)
  writer.text(source)
  writer.text(orderId)
}
