/** What is told of incidents, and how an analyst adds up again what the newest of a metric saw. */
import { quoteString } from '../../clickhouse/native/quote-string.ts'
import type { Claim } from '../../clickhouse/queries/prove-claim.ts'
import { readIncidents, type StoredIncident } from '../../clickhouse/queries/read-incidents.ts'
import type { MoneyScope } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { CHANGES } from './claim-sql.ts'

export async function incidentClaims(warehouse: Warehouse, scope: MoneyScope): Promise<Claim[]> {
  const [open, all] = await Promise.all([
    readIncidents(warehouse, { ...scope, state: 'active', limit: 1 }),
    readIncidents(warehouse, { ...scope, limit: 1 }),
  ])
  const { rows } = await readIncidents(warehouse, { ...scope, kind: 'metric', limit: 1 })
  const sql = `SELECT toString(count()) AS value\nFROM revwall.v1_incidents\nWHERE kind != 'order'`
  return [
    {
      ...{ id: 'incidents-open', unit: 'count', shown: String(open.total), asOf: null },
      sql: `${sql} AND state != 'resolved'`,
    },
    { id: 'incidents', unit: 'count', shown: String(all.total), sql, asOf: null },
    ...rows.flatMap(observedClaim),
  ]
}

/** What was seen in the last bucket; none of an incident that does not say whose it is. */
function observedClaim({ subject, part, observed, ...seen }: StoredIncident): Claim[] {
  const sum = OBSERVED[subject]
  if (part === null || observed === null || sum === undefined) return []
  const member = quoteString(part.member)
  const own = { total: '', source: ` AND source = ${member}`, region: ` AND ${PLACE} = ${member}` }
  const sql = `SELECT toString(${sum}) AS value
FROM ${CHANGES}
ARRAY JOIN booked_at, booked_kind, booked_currency, booked_amount, booked_orders
WHERE topic = 'orders' AND role = 'sale' AND currency = ${quoteString(seen.currency)} AND booked_currency = currency${own[part.dimension]}
  AND booked_at >= toDateTime64('${instantOf(seen.windowFrom)}', 3, 'UTC') AND booked_at < toDateTime64('${instantOf(seen.windowTo)}', 3, 'UTC')`
  const unit = subject === 'revenue' || subject === 'ticket' ? 'money' : 'count'
  return [{ id: 'incident-newest', unit, shown: observed, sql, asOf: seen.seenAt }]
}

const instantOf = (iso: string) => iso.replace('T', ' ').replace('Z', '')
const PLACE = "multiIf(region != '', region, state != '', state, country)"
const SOLD = "(booked_kind = 'sale')"
/** As processors/anomaly/metrics observes them. */
const OBSERVED: Readonly<Record<string, string>> = {
  revenue: 'sum(sign * booked_amount)',
  orders: `greatest(0, sum(sign * booked_orders * ${SOLD}))`,
  ticket: `floor(toFloat64(sum(sign * booked_amount * ${SOLD})) / sum(sign * booked_orders * ${SOLD}) * 10000 + 0.5) / 10000`,
  refunds: "greatest(0, sum(sign * (booked_kind = 'refund')))",
}
