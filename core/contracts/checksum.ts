/**
 * A checksum of what a wall shows, the same in api and browser: canonical JSON (keys in order, nothing undefined), hashed
 * into twice 32 bits.
 *
 * The hash is FNV-1a over UTF-16 units in two lanes of different beginnings and factors, each mixed at its end by the
 * finalizer of MurmurHash3. It finds faults, not forgers: two states that differ agree once in 2^64 or so. No imports, so
 * that a browser can take it without bundling zod.
 */
import type { Tiles } from './tiles.ts'

/** 16 hexadecimal digits. */
export function checksumOf(tiles: Partial<Tiles>): string {
  return hash64(canonicalJson(tiles))
}

/** As JSON.stringify would have it, but equal values have equal texts, whatever the order of their keys. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  // What JSON cannot say in a list or at the top (undefined) is null there, as for JSON.stringify.
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}

function hash64(text: string): string {
  let high = 0x811c9dc5
  let low = 0xcbf29ce4
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    high = Math.imul(high ^ unit, 0x01000193)
    low = Math.imul(low ^ unit, 0x5bd1e995)
    // A factor alone never carries a high bit down, so that differences in it would be lost.
    low ^= low >>> 15
  }
  return hex(mixed(high ^ text.length)) + hex(mixed(low))
}

function mixed(hash: number): number {
  let mix = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35)
  return (mix ^ (mix >>> 16)) >>> 0
}

const hex = (number: number) => number.toString(16).padStart(8, '0')
