/**
 * How often a password may be tried. Failures are counted for a name from an address, for an address and for a name; each
 * has some that are free, then a pause that doubles. A name alone has the most free ones and the shortest pause, so that
 * nobody can shut somebody else out for long by failing in his name.
 */
import type { Clock } from '../../core/runtime/clock.ts'

const FIRST_PAUSE_MS = 1_000
/** A success, or so long without a failure, and all is forgotten. */
const FORGET_MS = 60 * 60_000
/** Beyond it the oldest are forgotten: an attacker with so many addresses is met by the pause of the name. */
const MAX_KEYS = 10_000

interface Rule {
  free: number
  maxPauseMs: number
}
const RULES = {
  pair: { free: 5, maxPauseMs: 15 * 60_000 },
  address: { free: 20, maxPauseMs: 15 * 60_000 },
  name: { free: 30, maxPauseMs: 60_000 },
} satisfies Record<string, Rule>

interface Failures {
  count: number
  lastMs: number
}

export interface Attempts {
  /** Milliseconds until the next may be made; 0: now. */
  waitMs(name: string, address: string): number
  failed(name: string, address: string): void
  succeeded(name: string, address: string): void
}

export function createAttempts(clock: Clock): Attempts {
  const failures = new Map<string, Failures>()

  function keysOf(name: string, address: string): [string, Rule][] {
    return [
      [`pair ${address} ${name}`, RULES.pair],
      [`address ${address}`, RULES.address],
      [`name ${name}`, RULES.name],
    ]
  }

  function recent(key: string): Failures | undefined {
    const known = failures.get(key)
    return known !== undefined && clock.now() - known.lastMs <= FORGET_MS ? known : undefined
  }

  function pauseLeftMs(key: string, { free, maxPauseMs }: Rule): number {
    const known = recent(key)
    if (known === undefined || known.count < free) return 0
    const passedMs = clock.now() - known.lastMs
    const pauseMs = Math.min(maxPauseMs, FIRST_PAUSE_MS * 2 ** Math.min(known.count - free, 30))
    return Math.max(0, pauseMs - passedMs)
  }

  return {
    waitMs: (name, address) =>
      Math.max(...keysOf(name, address).map(([key, rule]) => pauseLeftMs(key, rule))),
    failed(name, address) {
      for (const [key] of keysOf(name, address)) {
        const count = (recent(key)?.count ?? 0) + 1
        // Last in the order in which they are forgotten.
        failures.delete(key)
        failures.set(key, { count, lastMs: clock.now() })
      }
      for (const key of failures.keys()) {
        if (failures.size <= MAX_KEYS) break
        failures.delete(key)
      }
    },
    // The address stays as it is: one password that an attacker knows must not buy him more tries at others.
    succeeded(name, address) {
      failures.delete(`pair ${address} ${name}`)
      failures.delete(`name ${name}`)
    },
  }
}
