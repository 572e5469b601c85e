/** A letter is open until somebody decided otherwise; the newest decision counts. */

/** Of all runs: origins are of the log, and a deliberate replay of it must not open again what was decided. */
export const OUTCOMES_TABLE = 'revwall.dead_letter_outcomes'

/** An SQL condition on `dead_letters` of one tenant (parameter `tenant`), or of all. */
export function isOpenLetter(of: 'tenant' | 'all'): string {
  const where = of === 'tenant' ? 'WHERE tenant = {tenant:String}' : ''
  return `(tenant, source, origin) NOT IN (
    SELECT tenant, source, origin FROM ${OUTCOMES_TABLE} ${where}
    GROUP BY tenant, source, origin HAVING argMax(state, at) != 'open')`
}
