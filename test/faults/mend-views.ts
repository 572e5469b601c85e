/** The audit that must follow a kill of the server: it finds what base and views have apart, and mends it. */
import { auditView } from '../../clickhouse/audit/audit-view.ts'
import { listAuditedViews } from '../../clickhouse/audit/list-audited-views.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import type { World } from './world.ts'

/** Resolves with how many views were apart. */
export async function mendViews({ host, database, context, random }: World): Promise<number> {
  const { warehouse } = host
  const { views } = await listAuditedViews(warehouse, database)
  let apart = 0
  for (const view of views) {
    const options = { warehouse, database, run: context().run, clock: systemClock, random: random.next }
    const audit = await auditView({ ...options, view, mend: true, manner: 'eager' })
    if (audit.drifted > 0) apart += 1
  }
  return apart
}
