/**
 * Passwords by scrypt (RFC 7914), with 32 MB and three passes: a guess costs an attacker about 0.2 s and that memory. The
 * numbers stand in the text, so that they can grow and old hashes still be read.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { RevwallError } from '../../core/runtime/errors.ts'

const COST = { N: 2 ** 15, r: 8, p: 3 }
const KEY_BYTES = 32
const FORMAT = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{16,64})\$([\w-]{43})$/
/** A file that somebody wrote by hand must not make us take all memory. */
const MAX_MEMORY_BYTES = 128 * 2 ** 20
/** Each keeps a thread busy and takes its memory; the rest of the process waits for the same threads. */
const MAX_WAITING = 16

interface Parts {
  cost: typeof COST
  salt: Buffer
  key: Buffer
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, COST)
  const { N, r, p } = COST
  return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$')
}

/** Takes as long where `stored` is undefined: nobody learns by the clock which users there are. Throws `BUSY`. */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const parts = readHash(stored ?? NOBODY)
  if (parts === undefined) return false
  const key = await oneAtATime(() => derive(password, parts.salt, parts.cost))
  return timingSafeEqual(key, parts.key) && stored !== undefined
}

export function isPasswordHash(text: string): boolean {
  return readHash(text) !== undefined
}

const NOBODY = `scrypt$${COST.N}$${COST.r}$${COST.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`

function readHash(text: string): Parts | undefined {
  const found = FORMAT.exec(text)
  if (found === null) return undefined
  const [N, r, p] = found.slice(1, 4).map(Number) as [number, number, number]
  const isPowerOfTwo = N > 1 && (N & (N - 1)) === 0
  if (!isPowerOfTwo || r < 1 || p < 1 || p > 16 || 128 * N * r > MAX_MEMORY_BYTES) return undefined
  return {
    cost: { N, r, p },
    salt: Buffer.from(found[4]!, 'base64url'),
    key: Buffer.from(found[5]!, 'base64url'),
  }
}

function derive(password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same password typed on another keyboard may have other code points.
    const text = password.normalize('NFKC')
    scrypt(text, salt, KEY_BYTES, { ...cost, maxmem: 2 * MAX_MEMORY_BYTES }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

let waiting = 0
let last: Promise<unknown> = Promise.resolve()

/** A flood of logins waits in line and is refused beyond it, and nobody else's work stands still. */
async function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  if (waiting >= MAX_WAITING)
    throw new RevwallError('BUSY', 'Too many logins at the moment; try again in a few seconds.')
  waiting += 1
  const mine = last.then(work, work)
  last = mine.catch(() => {})
  try {
    return await mine
  } finally {
    waiting -= 1
  }
}
