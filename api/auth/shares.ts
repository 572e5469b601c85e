/**
 * Links that show one tenant's wall to whoever has them, until they expire or are revoked. `/share#<id>_<secret>`: what is
 * behind # never leaves the browser, so that it stands in no log and no referrer; the page there gives it back for a cookie.
 */
import type { Share } from '../../core/contracts/access.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { Access } from './access.ts'
import type { StoredShare } from './access-store.ts'
import { createId, createSecret, hashOf, sameText } from './tokens.ts'

const DAY_MS = 86_400_000
const MAX_SHARES = 1_000
const FORMAT = /^([0-9a-f]{12})_([\w-]{43})$/

type Of = { access: Access; clock: Clock }

export interface NewShare {
  name: string
  tenant: string
  days: number
  by: string
}

/** `token` is told once and kept nowhere. Throws `TOO_MANY_SHARES`. */
export function createShare({ access, clock }: Of, { name, tenant, days, by }: NewShare) {
  const now = clock.now()
  const id = createId()
  const secret = createSecret()
  const stored = {
    ...{ id, tenant, name, createdBy: by, hash: hashOf(secret) },
    createdAt: now,
    expiresAt: now + Math.round(days * DAY_MS),
  }
  access.store.change((tables) => {
    const alive = tables.all('share').filter(({ key, value }) => {
      if (value.expiresAt <= now) tables.remove('share', key)
      return value.expiresAt > now
    })
    if (alive.length >= MAX_SHARES)
      throw new RevwallError('TOO_MANY_SHARES', `There can be ${MAX_SHARES} links; revoke some.`)
    tables.put('share', id, stored)
  })
  return { share: told(stored, null), token: `${id}_${secret}` }
}

/** A session for as long as the link holds; undefined where it does not. */
export function openShare({ access, clock }: Of, token: string) {
  const [, id = '', secret = ''] = FORMAT.exec(token) ?? []
  const stored = access.store.get('share', id)
  const matches = sameText(hashOf(secret), stored?.hash ?? '')
  if (stored === undefined || !matches) return undefined
  const forMs = stored.expiresAt - clock.now()
  return forMs > 0 ? { ...access.begin('share', id, { forMs }), forMs, id } : undefined
}

/** Those of these tenants that hold, newest first. */
export function listShares(
  { access, clock }: Of,
  tenants: readonly string[],
): (Share & { tenant: string })[] {
  const now = clock.now()
  return access.store
    .all('share')
    .map(({ value }) => value)
    .filter(({ tenant, expiresAt }) => tenants.includes(tenant) && expiresAt > now)
    .sort((a, b) => b.createdAt - a.createdAt)
    .map((stored) => ({ ...told(stored, access.store.seenAt(stored.id)), tenant: stored.tenant }))
}

/** False where there is none of these tenants. Whoever came by it is shut out at once. */
export function revokeShare({ access }: Of, id: string, tenants: readonly string[]): boolean {
  return access.store.change((tables) => {
    const stored = tables.get('share', id)
    if (stored === undefined || !tenants.includes(stored.tenant)) return false
    tables.remove('share', id)
    for (const { key, value } of tables.all('session'))
      if (value.kind === 'share' && value.of === id) tables.remove('session', key)
    return true
  })
}

function told({ id, name, createdBy, createdAt, expiresAt }: StoredShare, seen: number | null): Share {
  const iso = (ms: number) => new Date(ms).toISOString()
  return {
    ...{ id, name, createdBy },
    createdAt: iso(createdAt),
    expiresAt: iso(expiresAt),
    seenAt: seen === null ? null : iso(seen),
  }
}
