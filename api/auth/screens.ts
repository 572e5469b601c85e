/**
 * TVs. One that nobody logged in shows a code of a few letters and keeps a secret; whoever may, types the code and says
 * which tenant's wall it is; then the TV's secret buys it a session of its own.
 */
import type { Screen } from '../../core/contracts/access.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { type Access, SCREEN_SESSION_MS } from './access.ts'
import type { Changes, Pairing, StoredScreen } from './access-store.ts'
import { createCode, createId, createSecret, hashOf, readCode, sameText } from './tokens.ts'

export const PAIRING_MS = 10 * 60_000
/** Codes that wait, everywhere and of one address: nobody fills the letters up, or keeps others from asking. */
const MAX_PAIRINGS = 200
const MAX_PAIRINGS_EACH = 10
const MAX_SCREENS = 1_000

/** What a TV keeps: its code and the secret. */
export interface Waiting {
  code: string
  secret: string
  expiresAt: number
}

export interface Approval {
  code: string
  name: string
  tenant: string
  by: string
}

type Of = { access: Access; clock: Clock }

/** Throws `TOO_MANY_PAIRINGS`. */
export function askForCode({ access, clock }: Of, address: string): Waiting {
  const now = clock.now()
  const secret = createSecret()
  const expiresAt = now + PAIRING_MS
  return access.store.change((tables) => {
    const waiting = dropExpired(tables, now)
    const own = waiting.filter(({ value }) => value.address === address)
    if (waiting.length >= MAX_PAIRINGS || own.length >= MAX_PAIRINGS_EACH)
      throw new RevwallError(
        'TOO_MANY_PAIRINGS',
        'Too many screens wait for a code; try again in ten minutes.',
      )
    const code = freeCode(tables)
    const pairing = { hash: hashOf(secret), address, createdAt: now, expiresAt, screen: null }
    tables.put('pairing', code, pairing)
    return { code, secret, expiresAt }
  })
}

function freeCode(tables: Changes): string {
  for (;;) {
    const code = createCode()
    if (tables.get('pairing', code) === undefined) return code
  }
}

/** What became of it; undefined: the code is over, or was never this one's. Once approved it can be asked only once. */
export function askForScreen(
  { access, clock }: Of,
  { code, secret }: { code: string; secret: string },
): { state: 'waiting'; expiresAt: number } | { state: 'approved'; secret: string } | undefined {
  const pairing = access.store.get('pairing', code)
  if (pairing === undefined || !sameText(hashOf(secret), pairing.hash)) return undefined
  if (pairing.screen === null)
    return pairing.expiresAt > clock.now() ? { state: 'waiting', expiresAt: pairing.expiresAt } : undefined
  // Of two of the same TV's questions one gets it.
  const taken = access.store.change((tables) => {
    const isThere = tables.get('pairing', code)?.hash === pairing.hash
    if (isThere) tables.remove('pairing', code)
    return isThere
  })
  if (!taken || access.store.get('screen', pairing.screen) === undefined) return undefined
  const session = access.begin('screen', pairing.screen, { forMs: SCREEN_SESSION_MS })
  return { state: 'approved', secret: session.secret }
}

/** Throws `UNKNOWN_CODE`, `TOO_MANY_SCREENS`. */
export function approveScreen({ access, clock }: Of, { code: typed, name, tenant, by }: Approval): Screen {
  const now = clock.now()
  const code = readCode(typed)
  return access.store.change((tables) => {
    dropExpired(tables, now)
    const pairing = code === undefined ? undefined : tables.get('pairing', code)
    if (code === undefined || pairing === undefined || pairing.screen !== null)
      throw new RevwallError('UNKNOWN_CODE', 'No screen shows this code; codes change every ten minutes.')
    if (tables.all('screen').length >= MAX_SCREENS)
      throw new RevwallError('TOO_MANY_SCREENS', `There can be ${MAX_SCREENS} screens; revoke some.`)
    const { address } = pairing
    const stored = { id: createId(), tenant, name, approvedBy: by, address, createdAt: now }
    tables.put('screen', stored.id, stored)
    tables.put('pairing', code, { ...pairing, screen: stored.id, expiresAt: now + PAIRING_MS })
    return told(stored, null)
  })
}

/** Those of these tenants, newest first. */
export function listScreens({ access }: Of, tenants: readonly string[]): (Screen & { tenant: string })[] {
  return access.store
    .all('screen')
    .map(({ value }) => value)
    .filter(({ tenant }) => tenants.includes(tenant))
    .sort((a, b) => b.createdAt - a.createdAt)
    .map((stored) => ({ ...told(stored, access.store.seenAt(stored.id)), tenant: stored.tenant }))
}

/** False where there is none of these tenants. Its websockets are closed at once. */
export function revokeScreen({ access }: Of, id: string, tenants: readonly string[]): boolean {
  return access.store.change((tables) => {
    const stored = tables.get('screen', id)
    if (stored === undefined || !tenants.includes(stored.tenant)) return false
    tables.remove('screen', id)
    for (const { key, value } of tables.all('session'))
      if (value.kind === 'screen' && value.of === id) tables.remove('session', key)
    return true
  })
}

function told(stored: StoredScreen, seen: number | null): Screen {
  const { id, name, approvedBy, address, createdAt } = stored
  return {
    ...{ id, name, approvedBy, address },
    createdAt: new Date(createdAt).toISOString(),
    seenAt: seen === null ? null : new Date(seen).toISOString(),
  }
}

function dropExpired(tables: Changes, now: number): { key: string; value: Pairing }[] {
  return tables.all('pairing').filter(({ key, value }) => {
    if (value.expiresAt > now) return true
    tables.remove('pairing', key)
    return false
  })
}
