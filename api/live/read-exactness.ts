import { countDeadLetters } from '../../clickhouse/queries/count-dead-letters.ts'
import { readReconciliation } from '../../clickhouse/queries/read-reconciliation.ts'
import type { Scope } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { sumToE4 } from '../../core/contracts/money.ts'
import type { Tiles } from '../../core/contracts/tiles.ts'

/** What the last comparison of each view left: a difference that was mended is none any more. */
export async function readExactness(
  warehouse: Warehouse,
  scope: Scope & { verifying: boolean },
): Promise<Tiles['exactness']> {
  const [views, letters] = await Promise.all([
    readReconciliation(warehouse, scope),
    countDeadLetters(warehouse, scope),
  ])
  const open = views.filter(({ mended }) => !mended)
  return {
    driftE4: String(open.reduce((sum, { drift }) => sum + sumToE4(drift), 0n)),
    driftedBuckets: open.reduce((sum, { drifted }) => sum + drifted, 0),
    // All views are proved since the one whose proof is the oldest.
    provedAt: views.map(({ at }) => at).sort()[0] ?? null,
    verifying: scope.verifying,
    deadLetters: [...letters.values()].reduce((sum, count) => sum + count, 0),
  }
}
