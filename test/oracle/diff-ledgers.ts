import { fromE4 } from '../../core/contracts/money.ts'
import type { Ledger, LedgerKey, LedgerSums } from './ledger.ts'

/** More differences than these tell nothing new. */
export const MAX_DIFFERENCES = 8

/** Human-readable differences that name the bucket; empty when the two are equal. */
export function diffLedgers(where: string, found: Ledger, expected: Ledger): string[] {
  const differences: string[] = []
  for (const [key, sums] of expected.entries()) {
    if (!isEqual(found.sumsOf(key), sums)) differences.push(describe(where, key, found.sumsOf(key), sums))
  }
  for (const [key, sums] of found.entries()) {
    const other = expected.sumsOf(key)
    const isAbsent = other.amountE4 === 0n && other.orders === 0
    if (isAbsent) differences.push(describe(where, key, sums, other))
  }
  return bounded(where, differences)
}

/** At most MAX_DIFFERENCES lines, and one that says how many more there are. */
export function bounded(where: string, differences: string[]): string[] {
  if (differences.length <= MAX_DIFFERENCES) return differences
  const rest = differences.length - MAX_DIFFERENCES
  return [...differences.slice(0, MAX_DIFFERENCES), `${where}: and ${rest} more`]
}

function isEqual(a: LedgerSums, b: LedgerSums): boolean {
  return a.amountE4 === b.amountE4 && a.orders === b.orders
}

function describe(where: string, key: LedgerKey, found: LedgerSums, expected: LedgerSums): string {
  const bucket = `${key.tenant}/${key.source} ${key.currency} ${key.axis} ${key.day} ${key.status}`
  const off = found.amountE4 - expected.amountE4
  return `${where}: ${bucket}: ${show(found)}, but the books say ${show(expected)} (off by ${fromE4(off)})`
}

function show({ amountE4, orders }: LedgerSums): string {
  return `${fromE4(amountE4)} in ${orders} orders`
}
