/** Views as a later version might ship them, made out of the shipped ones: a column more, a key more. */
import { readMigrations, statementOf } from '../../clickhouse/migrations/read-migrations.ts'

export interface ChangedView {
  name: string
  logical: string
  createTable: string
  createView: string
  /** The shipped view, and on which columns the two must agree. */
  before: string
  keys: string[]
  sums: string[]
}

/** `headline` with the number of edits. */
export function headlineV2(database: string): ChangedView {
  const column = 'booked_edits'
  return {
    name: 'headline_v2',
    logical: 'headline',
    createTable: shipped(database, 'headline_v1', 'headline_v2')
      .replace(
        'booked_units Decimal',
        `${column} Int64 COMMENT 'Number of edits; booked day axis',\n    booked_units Decimal`,
      )
      .replace('SummingMergeTree((', `SummingMergeTree((${column}, `),
    createView: shipped(database, 'headline_v1_mv', 'headline_v2')
      .replace(
        /sumIf\([^\n]*AS booked_units,/,
        (line) => `sumIf(edits_of, is_booked) AS ${column},\n    ${line}`,
      )
      .replace('sum(units) AS units_of', 'sum(units) AS units_of, sum(edits) AS edits_of')
      .replace('sign * booked_amount AS revenue', "sign * (booked_kind = 'edit') AS edits, $&"),
    before: 'headline_v1',
    keys: ['tenant', 'day', 'minute', 'currency'],
    sums: [
      'booked_revenue',
      'booked_orders',
      'booked_units',
      'booked_refunds',
      'sale_revenue',
      'sale_orders',
    ],
  }
}

/** `quarter_hours`, which tells guests apart. */
export function quarterHoursV2(database: string): ChangedView {
  return {
    name: 'quarter_hours_v2',
    logical: 'quarter_hours',
    createTable: shipped(database, 'quarter_hours_v1', 'quarter_hours_v2')
      .replace('booked_revenue Decimal', "guest UInt8 COMMENT '1 for guests',\n    booked_revenue Decimal")
      .replace('currency, hour)', 'currency, hour, guest)'),
    createView: shipped(database, 'quarter_hours_v1_mv', 'quarter_hours_v2')
      .replaceAll('country, currency,\n', 'country, currency, guest,\n')
      .replace('country, booked_currency', "country, customer = '' AS guest, booked_currency")
      .replaceAll('GROUP BY tenant,', 'GROUP BY guest, tenant,'),
    before: 'quarter_hours_v1',
    keys: ['tenant', 'day', 'hour', 'quarter', 'source', 'country', 'currency'],
    sums: ['booked_revenue', 'booked_orders', 'booked_units', 'sale_revenue', 'sale_orders'],
  }
}

function shipped(database: string, file: string, name: string): string {
  const migration = readMigrations().find((candidate) => candidate.name.endsWith(`_${file}`))
  if (migration === undefined) throw new Error(`no migration ${file}`)
  return statementOf(migration, { database }).replaceAll(file.replace(/_mv$/, ''), name)
}
