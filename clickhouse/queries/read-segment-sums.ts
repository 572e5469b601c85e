/**
 * Customers by segment: as they are now in any division, and what was kept of days and moves while a division was the live
 * one. Each answers with the SQL by which an analyst asks for the same.
 */
import type { Warehouse } from '../warehouse.ts'
import type { Division } from './read-division.ts'
import { type DayRange, type Scope, tableOf, toIso } from './scope.ts'

interface Divided extends Scope {
  division: Division
}

export interface SegmentSums {
  segment: string
  customers: number
  revenue: string
}

interface Counted {
  customers: string
}
const counted = <Row extends Counted>(row: Row) => ({ ...row, customers: Number(row.customers) })

/** The segments as they are now, the largest revenue first. */
export async function readSegmentSums(
  warehouse: Warehouse,
  scope: Divided,
): Promise<{ rows: SegmentSums[]; sql: string }> {
  const from = `${tableOf(scope, 'customer_segments')} FINAL`
  const rows = await warehouse.query<Omit<SegmentSums, 'customers'> & Counted>(
    sumsSql(scope, from, OF_TENANT),
    { params: { tenant: scope.tenant } },
  )
  return { rows: rows.map(counted), sql: sumsSql(scope, 'revwall.v1_customer_segments', '') }
}

const OF_TENANT = 'tenant = {tenant:String} AND '

function sumsSql({ division }: Divided, from: string, where: string): string {
  return `SELECT segment, count() AS customers, sum(s.revenue) AS revenue
FROM (
  SELECT ${division.sql} AS segment, revenue
  FROM ${from}
  WHERE ${where}${division.divided}
) AS s
GROUP BY segment
ORDER BY revenue DESC, segment`
}

export interface SegmentDay {
  day: string
  segment: string
  at: string
  customers: number
  revenue: string
}

/** As they stood last on each day that has a word of it, and had this division by then. */
export async function readSegmentDays(
  warehouse: Warehouse,
  scope: Divided & DayRange,
): Promise<{ rows: SegmentDay[]; sql: string }> {
  const { tenant, from, to, division } = scope
  const table = tableOf(scope, 'segment_days')
  const rows = await warehouse.query<SegmentDay>(
    `SELECT toString(d.day) AS day, segment, at, customers, revenue FROM ${table} AS d FINAL
     WHERE ${OF_TENANT}d.day BETWEEN {from:Date} AND {to:Date} AND ${division.kept}
       AND (d.day, d.at) IN (SELECT day, max(at) FROM ${table} WHERE tenant = {tenant:String} GROUP BY day)
     ORDER BY day, segment`,
    { params: { tenant, from, to } },
  )
  const sql = `SELECT day, segment, customers, revenue
FROM revwall.v1_segment_days
WHERE day BETWEEN '${from}' AND '${to}' AND ${division.kept}
ORDER BY day, segment`
  return { rows: rows.map((row) => ({ ...row, at: toIso(row.at) })), sql }
}

export interface SegmentMoves {
  /** Empty: none. */
  from: string
  to: string
  customers: number
  revenue: string
}

/** How many moved from where to where in a range of days: each move counts, whatever came after it. */
export async function readSegmentMoves(
  warehouse: Warehouse,
  scope: Divided & DayRange,
): Promise<{ rows: SegmentMoves[]; sql: string }> {
  const { tenant, from, to } = scope
  const rows = await warehouse.query<Omit<SegmentMoves, 'customers'> & Counted>(
    movesSql(scope, `${tableOf(scope, 'segment_moves')} AS m FINAL`, {
      where: OF_TENANT,
      days: '{from:Date} AND {to:Date}',
    }),
    { params: { tenant, from, to } },
  )
  const sql = movesSql(scope, 'revwall.v1_segment_moves AS m', { where: '', days: `'${from}' AND '${to}'` })
  return { rows: rows.map(counted), sql }
}

function movesSql({ division }: Divided, table: string, { where, days }: { where: string; days: string }) {
  return `SELECT came_from AS from, segment AS to, count() AS customers, sum(m.revenue) AS revenue
FROM ${table}
WHERE ${where}day BETWEEN ${days} AND ${division.kept}
GROUP BY came_from, segment
ORDER BY came_from, segment`
}

export interface SegmentMove {
  customer: string
  /** Empty: none. */
  from: string
  to: string
  /** The tenant's local day then. */
  day: string
  at: string
  revenue: string
}

/** The last ones of a range of days, the newest first. */
export async function readLastMoves(
  warehouse: Warehouse,
  scope: Divided & DayRange & { limit: number },
): Promise<SegmentMove[]> {
  const { tenant, from, to, limit, division } = scope
  const rows = await warehouse.query<SegmentMove>(
    `SELECT customer, came_from AS from, segment AS to, toString(m.day) AS day, at, revenue
     FROM ${tableOf(scope, 'segment_moves')} AS m FINAL
     WHERE ${OF_TENANT}m.day BETWEEN {from:Date} AND {to:Date} AND ${division.kept}
     ORDER BY m.at DESC, customer, revision DESC LIMIT {limit:UInt32}`,
    { params: { tenant, from, to, limit } },
  )
  return rows.map((row) => ({ ...row, at: toIso(row.at) }))
}
