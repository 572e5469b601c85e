/**
 * A number that a panel shows, beside what the SQL of an analyst makes of it at this moment. The very text that is told is what
 * is asked; only where it names a view of the analysts, the same rows of the tenant are read from the run.
 */
import { fromE4, sumToE4 } from '../../core/contracts/money.ts'
import type { ProvedClaim as ClaimId, Verdict } from '../../core/contracts/panels.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import type { Warehouse } from '../warehouse.ts'
import { type Scope, tableOf } from './scope.ts'
import { V1_VIEWS } from './v1-views.ts'

export interface Claim {
  id: ClaimId
  unit: 'money' | 'count'
  /** As the panel has it. */
  shown: string
  /** One row with one column, `value`. */
  sql: string
  /** ISO 8601: of that moment it is, and what came since may have changed what it was made from. Null: of now. */
  asOf: string | null
}

export interface ProvedClaim extends Claim {
  recomputed: string
  difference: string
  verdict: Verdict
}

export interface ClaimsToProve {
  clock: Clock
  /** Reads what the panel shows, and how to ask for it. */
  claims: () => Promise<Claim[]>
  /** Says where the tables stand: where it says another thing than before, a batch has landed. */
  place: () => Promise<string>
}

/** What follows the orders is behind them by up to two seconds. */
const PAUSE_MS = 500
const MAX_LOOKS = 6
const SECONDS = 10

export async function proveClaims(
  warehouse: Warehouse,
  scope: Scope,
  { clock, claims, place }: ClaimsToProve,
): Promise<ProvedClaim[]> {
  for (let look = 1; ; look++) {
    const before = await place()
    const told = await claims()
    const recomputed = await Promise.all(told.map(({ sql }) => recompute(warehouse, scope, sql)))
    const isSteady = (await place()) === before
    const proved = told.map((claim, at) => judge(claim, recomputed[at]!, isSteady))
    const isSettled = proved.every(({ verdict }) => verdict === 'exact' || verdict === 'since')
    if (isSettled || look === MAX_LOOKS) return proved
    await clock.sleep(PAUSE_MS)
  }
}

function judge(claim: Claim, recomputed: string, isSteady: boolean): ProvedClaim {
  const differenceE4 = sumToE4(claim.shown) - sumToE4(recomputed)
  const isWhole = claim.unit === 'count' && differenceE4 % 10_000n === 0n
  const difference = isWhole ? String(differenceE4 / 10_000n) : fromE4(differenceE4)
  const isExact = differenceE4 === 0n
  const verdict = isExact ? 'exact' : claim.asOf !== null ? 'since' : isSteady ? 'apart' : 'moving'
  return { ...claim, recomputed, difference, verdict }
}

async function recompute(warehouse: Warehouse, scope: Scope, sql: string): Promise<string> {
  const rows = await warehouse.query<{ value: string }>(ofRun(sql, scope), {
    params: { tenant: scope.tenant },
    settings: { max_execution_time: SECONDS, max_threads: 2 },
  })
  return rows[0]?.value ?? '0'
}

function ofRun(sql: string, scope: Scope): string {
  return sql.replaceAll(/\brevwall\.(v1_\w+)/g, (_, name: string) => {
    const view = V1_VIEWS.find((each) => each.name === name)
    if (view === undefined || !('rows' in view.shape)) throw new Error(`no rows to prove by: ${name}`)
    const rows = `SELECT * FROM ${tableOf(scope, view.table)} ${view.shape.rows.after}`
    return `(SELECT * FROM (${rows}) WHERE tenant = {tenant:String})`
  })
}
