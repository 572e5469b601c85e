/** Audits and repairs done wrong. */
import { onCommand, onQuery } from './alter.ts'
import type { Mutant } from './mutant.ts'

export const REPAIR_MUTANTS: readonly Mutant[] = [
  { name: 'an insert that was settled is not audited', auditsSettled: false },
  { name: "another's insert that was ended is not audited", auditsEnded: false },
  {
    name: 'a repair is acknowledged, and was never made',
    warehouse: (warehouse) => onCommand(warehouse, 'mend', async () => {}),
  },
  {
    name: 'a repair does not look whether its barrier still holds',
    warehouse: (warehouse) =>
      onCommand(warehouse, 'mend', (tell, sql, options) =>
        tell(sql.replace(/ AND throwIf\(\(SELECT count\(\) != 1[\s\S]*$/, ''), options),
      ),
  },
  {
    name: 'a repair is sent twice at once, each with an id of its own',
    warehouse: (warehouse) =>
      onCommand(warehouse, 'mend', async (tell, sql, options) => {
        const again = tell(sql, { ...options, queryId: `${options.queryId}:again` }).catch(() => {})
        await tell(sql, options)
        await again
      }),
  },
  {
    name: 'a barrier does not wait for the inserts that run',
    warehouse: (warehouse) => onQuery(warehouse, 'runningInserts', async () => []),
  },
]
