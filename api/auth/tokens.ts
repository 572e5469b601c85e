/**
 * Random secrets of 256 bits. With so many a plain SHA-256 is enough where they are kept: there is nothing to guess that a
 * slow hash would protect. Passwords are another matter (hash-password.ts).
 */
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

export function createSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** What can be mistaken on a screen across the room is left out: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V. */
const CODE_LETTERS = 'ACDEFGHJKMNPQRTWXY34679'
/** 23⁶ are 148 million: nobody who has ten minutes and a login guesses one of a hundred. */
const CODE_CHARS = 6

export function createCode(): string {
  return Array.from({ length: CODE_CHARS }, () => CODE_LETTERS[randomInt(CODE_LETTERS.length)]).join('')
}

/** As it is kept, whatever blanks, hyphens and case it was typed with; undefined where it can be none. */
export function readCode(typed: string): string | undefined {
  const code = typed.replace(/[\s-]/g, '').toUpperCase()
  return code.length === CODE_CHARS && [...code].every((letter) => CODE_LETTERS.includes(letter))
    ? code
    : undefined
}

/** Names a screen or a share in lists; no secret. */
export function createId(): string {
  return randomBytes(6).toString('hex')
}

/** 64 hex digits. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** In a time that does not tell how much of it is right. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(left!, right!)
}
