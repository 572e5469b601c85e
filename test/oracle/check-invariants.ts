/** What must hold in `order_changes` whatever was sold: gapless revisions, verbatim before-images, entries that sum to net. */
import { ORDER_CHANGES_COLUMNS } from '../../clickhouse/native/order-row.ts'
import { bounded } from './diff-ledgers.ts'
import type { TableScope } from './read-base.ts'

interface Found {
  id: string
  what: string
}

/** Empty, or what is broken, with the order that it was found in. */
export async function checkInvariants(scope: TableScope): Promise<string[]> {
  const found = await Promise.all([
    check('revisions', revisionsSql(scope), scope),
    check('before-images', beforeImagesSql(scope), scope),
    check('net', netSql(scope), scope),
  ])
  return found.flat()
}

async function check(name: string, sql: string, { warehouse }: TableScope): Promise<string[]> {
  const rows = await warehouse.query<Found>(sql)
  return bounded(
    name,
    rows.map(({ id, what }) => `${name}: ${id}: ${what}`),
  )
}

const ID = "concat(tenant, '/', source, '/', order_id)"

/** 1..n with exactly one +1 each, and one −1 for each but the first. */
function revisionsSql({ database }: TableScope): string {
  return `SELECT ${ID} AS id,
      concat('+1 rows have revisions ', toString(after), ', -1 rows ', toString(before)) AS what
    FROM (
      SELECT tenant, source, order_id, arraySort(groupArrayIf(revision, sign = 1)) AS after,
        arraySort(groupArrayIf(revision, sign = -1)) AS before
      FROM ${database}.order_changes WHERE sign != 0 GROUP BY tenant, source, order_id)
    WHERE after != arrayMap(i -> toUInt32(i), range(1, length(after) + 1))
      OR before != arrayMap(i -> toUInt32(i), range(2, length(after) + 1))
    ORDER BY id LIMIT 100`
}

/** What a batch adds to the order; everything else of a −1 row is copied from the +1 row before it. */
const OF_THE_BATCH = new Set(['revision', 'sign', 'taken_at', 'topic', 'incarnation', 'partition', 'offset'])
const COPIED = ORDER_CHANGES_COLUMNS.map(({ name }) => name).filter((name) => !OF_THE_BATCH.has(name))

function beforeImagesSql({ database }: TableScope): string {
  const whole = `sipHash128(toString(tuple(${COPIED.join(', ')})))`
  return `SELECT ${ID} AS id, concat('the -1 row of revision ', toString(revision), ' is not what was there before') AS what
    FROM (
      SELECT tenant, source, order_id, revision, sign, whole, lagInFrame(whole) OVER w AS former
      FROM (SELECT tenant, source, order_id, revision, sign, ${whole} AS whole FROM ${database}.order_changes WHERE sign != 0)
      WINDOW w AS (PARTITION BY tenant, source, order_id ORDER BY revision, sign ROWS BETWEEN 1 PRECEDING AND CURRENT ROW))
    WHERE sign = -1 AND whole != former ORDER BY id, revision LIMIT 100`
}

/** In the order's currency the entries sum to net, in any other to nothing; and to one document where it counts. */
function netSql({ database }: TableScope): string {
  const sumIn = (currency: string) =>
    `arraySum(arrayMap((c, a) -> if(c = ${currency}, a, toDecimal64(0, 4)), booked_currency, booked_amount))`
  return `SELECT ${ID} AS id, concat('revision ', toString(revision), ': net is ', toString(net), ', its entries are ',
      toString(arrayZip(booked_currency, booked_amount, booked_orders))) AS what
    FROM ${database}.order_changes
    WHERE sign = 1 AND (${sumIn('currency')} != net
      OR arrayExists(other -> other != currency AND ${sumIn('other')} != 0, booked_currency)
      OR arraySum(booked_orders) != counts)
    ORDER BY id, revision LIMIT 100`
}
