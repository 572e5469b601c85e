import { auditView } from '../audit/audit-view.ts'
import { readAuditedView } from '../audit/list-audited-views.ts'
import type { AddViewOptions } from './add-view.ts'
import { whileBusy } from './while-busy.ts'

/**
 * Compares a filled view with the base; what differs is looked at again, and mended, behind a barrier, where marks stand
 * still. Resolves with how many buckets were apart. Throws as auditView does.
 */
export async function proveView(options: AddViewOptions): Promise<{ drifted: number }> {
  const view = await readAuditedView(options.warehouse, options.database, options.name)
  const { drifted } = await whileBusy(options.clock, () =>
    auditView({ ...options, view, mend: true, manner: 'certain' }),
  )
  return { drifted }
}
