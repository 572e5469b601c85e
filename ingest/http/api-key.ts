/**
 * `rvw_<id>_<secret>`: the id names the key in lists and logs, the secret has 190 bits. With so many a plain SHA-256 is
 * enough: there is nothing to guess that a slow hash would protect.
 */
import { createHash, randomInt, timingSafeEqual } from 'node:crypto'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_CHARS = 8
const SECRET_CHARS = 32
const FORMAT = /^rvw_([0-9A-Za-z]{8})_[0-9A-Za-z]{32}$/

export function createApiKey(): { id: string; key: string } {
  const id = randomText(ID_CHARS)
  return { id, key: `rvw_${id}_${randomText(SECRET_CHARS)}` }
}

function randomText(chars: number): string {
  return Array.from({ length: chars }, () => BASE62[randomInt(BASE62.length)]).join('')
}

/** Undefined where the text is no key. */
export function keyId(key: string): string | undefined {
  return FORMAT.exec(key)?.[1]
}

/** 64 hex digits. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

/** In a time that does not tell how much of it is right. */
export function sameHash(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'))
}
