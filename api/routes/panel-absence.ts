/** Why a panel of the analytics has nothing to tell, or nothing new. */
import { hasCustomers } from '../../clickhouse/queries/has-customers.ts'
import { readFirstDay } from '../../clickhouse/queries/read-first-day.ts'
import { type PanelAbsence, panelAbsence } from '../../core/contracts/panels.ts'
import { parseDay } from '../../core/runtime/local-time.ts'
import type { Principal } from '../auth/principal.ts'
import { type ApiContext, todayOf } from './api-context.ts'

export const absenceField = {
  absence: panelAbsence
    .nullable()
    .describe(
      'Why there is nothing, or with `off` nothing new: off (REVWALL_ANALYTICS), orders (none yet), customers (no order names one), history (`have` of `need` complete days), learning (`have` of `need` orders), mode (kept for the live division alone), waiting (it is being computed). Null: there is something.',
    ),
}

export const absent = (reason: PanelAbsence['reason'], have = 0, need = 0): PanelAbsence => ({
  ...{ reason, have, need },
})

/** Complete local days since the first one that has anything; 0 without orders. */
export async function readCompleteDays(context: ApiContext, principal: Principal): Promise<number> {
  const { warehouse, database } = context
  const firstDay = await readFirstDay(warehouse, { database, tenant: principal.tenant })
  if (firstDay === null) return 0
  return Math.max(0, parseDay(todayOf(context, principal)) - parseDay(firstDay))
}

/** Of what is made of orders, where `isThere` says that there is something. */
export async function orderAbsence(
  context: ApiContext,
  { tenant }: Principal,
  isThere: boolean,
): Promise<PanelAbsence | null> {
  const { warehouse, database, analytics } = context
  if (!analytics) return absent('off')
  if (isThere) return null
  const firstDay = await readFirstDay(warehouse, { database, tenant })
  return absent(firstDay === null ? 'orders' : 'waiting')
}

/** Of what is made of customers. */
export async function customerAbsence(
  context: ApiContext,
  principal: Principal,
  isThere: boolean,
): Promise<PanelAbsence | null> {
  const found = await orderAbsence(context, principal, isThere)
  if (found?.reason !== 'waiting') return found
  const { warehouse, database } = context
  const isNamed = await hasCustomers(warehouse, { database, tenant: principal.tenant })
  return isNamed ? found : absent('customers')
}
