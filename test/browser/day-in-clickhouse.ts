/** A day's figures out of the base table, by no query and no view of the product's. */
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { sumToE4 } from '../../core/contracts/money.ts'
import type { WallNow } from './read-wall.ts'

export interface DayFigures {
  revenueE4: bigint
  orders: number
  refundsE4: bigint
  unitsE4: bigint
}

const SQL = `
  SELECT sum(sign * amount) AS revenue, 
    sumIf(sign * counted, kind IN ('sale', 'edit', 'cancel', 'restore')) AS orders,
    sumIf(sign * amount, kind = 'refund') AS refunds, sumIf(sign * pieces, kind != 'adjustment') AS units
  FROM revwall_r1.order_changes
  ARRAY JOIN booked_day AS day, booked_kind AS kind, booked_currency AS money, booked_amount AS amount,
    booked_orders AS counted, booked_units AS pieces
  WHERE sign != 0 AND tenant = 'online-retail' AND day = {day:Date} AND money = 'GBP'`

interface Row {
  revenue: string
  orders: string
  refunds: string
  units: string
}

export async function dayInClickHouse(warehouse: Warehouse, day: string): Promise<DayFigures> {
  const [row] = await warehouse.query<Row>(SQL, { params: { day } })
  const { revenue, orders, refunds, units } = row!
  return {
    revenueE4: sumToE4(revenue),
    orders: Number(orders),
    refundsE4: sumToE4(refunds),
    unitsE4: sumToE4(units),
  }
}

export function figuresOf({ revenue, orders, refunds, units }: WallNow): DayFigures {
  return {
    revenueE4: sumToE4(revenue ?? '0'),
    orders: Number(orders),
    refundsE4: sumToE4(refunds ?? '0'),
    unitsE4: sumToE4(units ?? '0'),
  }
}
