/**
 * The oracle over a house that sells no more: base table, marks and the fold of the log are right at once; views may be apart
 * for as long as the reconciler needs to audit what a crash has left; then the api says the same.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Books } from '../../oracle/books.ts'
import { checkOracle } from '../../oracle/check-oracle.ts'
import { diffLedgers } from '../../oracle/diff-ledgers.ts'
import { asTheApiTells, readApiLedger } from '../../oracle/read-api.ts'
import { NORTH } from '../../oracle/shops.ts'
import { DATABASE, type ProcessWorld } from './process-world.ts'

/** The reconciler's rounds find by themselves what nobody asked to be audited. */
const AUDITED_MS = 150_000
const AGAIN_MS = 1_000
/** As in patience.ts: a machine that stood still does not count. */
const MAX_STEP_MS = 5_000
/** These need no audit. */
const AT_ONCE = /^(a fold of the log|order_changes|state|marks|dead letters)\b/

export interface Judgement {
  /** Empty when everything agrees, to the cent. */
  said: string[]
  /** Until the views agreed, too. */
  auditedMs: number
}

/** Nothing may be writing to the log meanwhile. */
export async function judgeHouse({ house }: ProcessWorld, books: Books): Promise<Judgement> {
  let auditedMs = 0
  for (;;) {
    const since = performance.now()
    const said = await checkOracle({
      ...{ books, log: house.log, warehouse: house.warehouse(), database: DATABASE },
      ...{ tenants: [NORTH], openDeadLetters: [] },
    })
    if (said.length === 0) return { said: await askApi(await house.of('api').page(), books), auditedMs }
    if (said.some((line) => AT_ONCE.test(line)) || auditedMs > AUDITED_MS) return { said, auditedMs }
    await delay(AGAIN_MS)
    auditedMs += Math.min(performance.now() - since, MAX_STEP_MS)
  }
}

async function askApi(page: string, books: Books): Promise<string[]> {
  const expected = asTheApiTells(books.ledger(), NORTH)
  const days = [...new Set([...expected.entries()].map(([{ day }]) => day))].sort()
  return diffLedgers('api', await readApiLedger(page, NORTH, days), expected)
}
