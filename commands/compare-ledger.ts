/** What a simulated shop says that it sold, beside what the wall says: by day, on both date axes, to the cent. */
import { tableOf } from '../clickhouse/queries/scope.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import { fromE4, sumToE4 } from '../core/contracts/money.ts'
import { LEDGER_AXES, type LedgerSums, type SimulationLedger } from '../ingest/sources/simulate/ledger.ts'

export interface LedgerScope {
  /** Of the run that is shown. */
  database: string
  tenant: string
  source: string
  currency: string
}

type Days = Map<string, LedgerSums>

/** One line for each day and axis that differs; empty when all are equal. */
export async function compareLedger(
  warehouse: Warehouse,
  scope: LedgerScope,
  ledger: SimulationLedger,
): Promise<string[]> {
  const wall = await readDays(warehouse, scope)
  const own = daysOf(ledger)
  return [...new Set([...wall.keys(), ...own.keys()])]
    .toSorted()
    .filter((key) => textOf(wall.get(key)) !== textOf(own.get(key)))
    .map((key) => `${key}: the wall has ${textOf(wall.get(key))}, the ledger ${textOf(own.get(key))}`)
}

/** `quarter_hours` is the view that tells sources apart: the tenant may have others. */
async function readDays(warehouse: Warehouse, scope: LedgerScope): Promise<Days> {
  const { tenant, source, currency } = scope
  const days: Days = new Map()
  for (const axis of LEDGER_AXES) {
    const rows = await warehouse.query<Record<'day' | 'revenue' | 'refunds' | 'orders' | 'units', string>>(
      `SELECT toString(day) AS day, sum(${axis}_revenue) AS revenue, sum(${axis}_refunds) AS refunds,
         sum(${axis}_orders) AS orders, sum(${axis}_units) AS units
       FROM ${tableOf(scope, 'quarter_hours')}
       WHERE tenant = {tenant:String} AND source = {source:String} AND currency = {currency:String}
       GROUP BY day`,
      { params: { tenant, source, currency } },
    )
    for (const { day, revenue, refunds, orders, units } of rows)
      days.set(`${axis} ${day}`, {
        revenueE4: sumToE4(revenue),
        refundsE4: sumToE4(refunds),
        orders: Number(orders),
        unitsE4: sumToE4(units),
      })
  }
  return days
}

function daysOf(ledger: SimulationLedger): Days {
  const days: Days = new Map()
  for (const { axis, day, ...sums } of ledger.entries()) {
    const key = `${axis} ${day}`
    const { revenueE4, refundsE4, orders, unitsE4 } = days.get(key) ?? NOTHING
    days.set(key, {
      revenueE4: revenueE4 + sums.revenueE4,
      refundsE4: refundsE4 + sums.refundsE4,
      orders: orders + sums.orders,
      unitsE4: unitsE4 + sums.unitsE4,
    })
  }
  return days
}

const NOTHING: LedgerSums = { revenueE4: 0n, refundsE4: 0n, orders: 0, unitsE4: 0n }

/** A day that came back to nothing is as good as none. */
export function textOf({ revenueE4, refundsE4, orders, unitsE4 }: LedgerSums = NOTHING): string {
  return `${fromE4(revenueE4)} with refunds of ${fromE4(refundsE4)}, ${orders} orders, ${fromE4(unitsE4)} units`
}
