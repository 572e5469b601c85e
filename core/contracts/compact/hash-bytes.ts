/**
 * A 64-bit hash of bytes in two 32-bit lanes, four bytes a step, mixed as MurmurHash3 mixes (Austin Appleby, public
 * domain). Not for secrets: whoever wants two contents of one order to look alike could make it so, and would deceive
 * themselves.
 */
export interface Hash64 {
  high: number
  low: number
}

/** Of bytes[start] to bytes[end - 1], into `into`; unsigned. Other seeds give independent hashes. */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number, into: Hash64): void {
  let a = seed | 0
  let b = ~seed
  let at = start
  for (; at + 4 <= end; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    a = step(a, Math.imul(word, 0xcc9e2d51), 0x1b873593)
    b = step(b, Math.imul(word, 0x85ebca6b), 0xc2b2ae35)
  }
  let rest = 0
  for (let shift = 0; at < end; at++, shift += 8) rest |= bytes[at]! << shift
  a = step(a, Math.imul(rest, 0xcc9e2d51), 0x1b873593) ^ (end - start)
  b = step(b, Math.imul(rest, 0x85ebca6b), 0xc2b2ae35) ^ (end - start)
  a = (a + b) | 0
  b = (b + a) | 0
  into.high = mix(a)
  into.low = mix((b + into.high) | 0)
}

function step(state: number, word: number, by: number): number {
  const turned = Math.imul((word << 15) | (word >>> 17), by)
  const next = state ^ turned
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0
}

function mix(value: number): number {
  let x = value
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}
