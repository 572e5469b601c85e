/** ClickHouse refuses one record after the other: the fault is not theirs. */
import { RevwallError } from '../../core/runtime/errors.ts'

export function tooManyRefused(message: string): RevwallError {
  return new RevwallError(
    'WAREHOUSE_REFUSES_ALL',
    `ClickHouse refuses one record after the other, so the fault is not theirs; nothing more is set aside. It says: ${message}`,
  )
}
