/**
 * Standard Webhooks 1.0 (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, once by every secret that holds, so
 * that a receiver may change to the next one when it likes.
 */
import { createHmac, randomBytes } from 'node:crypto'

/** 24 to 64 bytes are what the specification allows. */
const SECRET_BYTES = 32
const SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/

export function createSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`
}

export const isSecret = (text: string) => SECRET.test(text)

export interface Signed {
  /** Without a dot, which parts what is signed. */
  id: string
  /** Of this attempt, ms. */
  atMs: number
  body: Uint8Array
  secrets: readonly string[]
}

export function webhookHeaders({ id, atMs, body, secrets }: Signed): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1_000))
  const sign = (secret: string) => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`
  }
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map(sign).join(' '),
  }
}
