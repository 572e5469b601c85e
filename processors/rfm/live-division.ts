/** The division of a setting; of the rules it is the newest version's. */
import { readSegmentRules } from '../../clickhouse/queries/segment-rules.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { SegmentChoice } from '../../core/segments/segment-modes.ts'
import { cellDivision, type Division, ruleDivision } from './divisions.ts'

export async function readLiveDivision(warehouse: Warehouse, mode: SegmentChoice): Promise<Division> {
  if (mode !== 'rules') return cellDivision(mode)
  const { version, rules } = (await readSegmentRules(warehouse)).at(-1)!
  return ruleDivision(version, rules)
}
