/** What is told of customers' values, and how an analyst reckons it again from their orders and the fitted parameters. */
import type { Claim } from '../../clickhouse/queries/prove-claim.ts'
import { readValueModel, readValueSums, type ValueModel } from '../../clickhouse/queries/read-values.ts'
import type { MoneyScope } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { CHANGES, COUNTED, ownSales } from './claim-sql.ts'

/** Whom the model was fitted to; none where there is no model. */
export async function valueClaims(warehouse: Warehouse, scope: MoneyScope): Promise<Claim[]> {
  const model = await readValueModel(warehouse, scope)
  if (model === undefined) return []
  const sql = `SELECT toString(uniqExact(customer)) AS value
FROM (
  SELECT customer
  FROM ${CHANGES}
  WHERE ${ownSales(scope)} AND sale_day <= '${model.cutOff}'
  GROUP BY customer, sale_day
  HAVING sum(${COUNTED}) > 0
)`
  const fitted: Claim = {
    ...{ id: 'fitted', unit: 'count', shown: String(model.customers), sql, asOf: model.at },
  }
  const expected = model.bgNbd === null ? [] : await expectedClaims(warehouse, scope, model)
  return [fitted, ...expected]
}

/** By the fitted parameters, from each customer's orders: what is told of everybody, added up. */
async function expectedClaims(warehouse: Warehouse, scope: MoneyScope, model: ValueModel): Promise<Claim[]> {
  const { orders, value } = await readValueSums(warehouse, scope)
  const claim = (id: 'expected-orders' | 'expected-value', shown: string, each: string): Claim => ({
    ...{ id, unit: id === 'expected-value' ? 'money' : 'count', shown, asOf: model.at },
    sql: expectedSql(scope, model, each),
  })
  const ofPurchases = claim('expected-orders', orders, 'alive * ahead')
  if (value === null || model.gammaGamma === null) return [ofPurchases]
  const ofValues = 'alive * ahead * p * (v + repeats * greatest(0, mean)) / (p * repeats + q - 1)'
  return [ofPurchases, claim('expected-value', value, ofValues)]
}

/**
 * Fader, Hardie and Lee (2005), equation 10, with the hypergeometric function as processors/rfm/bg-nbd.ts has it, summed until
 * its terms are below a double's last digit. `each`: of one customer, rounded as it is stored.
 */
function expectedSql(scope: MoneyScope, { bgNbd, gammaGamma, cutOff }: ValueModel, each: string): string {
  const { r, alpha, a, b } = bgNbd!
  const parameters = Object.entries({ r, alpha, a, b, ...(gammaGamma && pick(gammaGamma)) })
  return `WITH ${parameters.map(([name, value]) => `${value} AS ${name}`).join(', ')}, 365 / 7 AS weeks
SELECT toString(toDecimal128(sum(toInt64(floor((${each}) * 10000 + 0.5))), 4) / 10000) AS value
FROM (
  SELECT repeats, mean, ahead,
    if(repeats = 0, 1, 1 / (1 + a / (b + repeats - 1) * pow((alpha + age) / (alpha + last), r + repeats))) AS alive
  FROM (
    SELECT repeats, age, groupArray((last, mean)) AS alike, if(abs(a - 1) < 1e-7, 1 + 1e-7, a) AS stop,
      stop + b + repeats - 1 AS bottom, weeks / (alpha + age + weeks) AS z,
      arrayFold((sums, n) -> (sums.1 + sums.2, sums.2 * z * (a + b - 1 - r + n) * (stop - 1 + n) / (bottom + n) / (n + 1)),
        range(toUInt32(ceil(-40 / log(z)))), (toFloat64(0), toFloat64(1))).1 AS series,
      bottom / (stop - 1) * (1 - pow(1 - z, stop - 1) * series) AS ahead
    FROM (
      SELECT customer, countIf(bought > 0) - 1 AS repeats, minIf(day, bought > 0) AS first,
        (maxIf(day, bought > 0) - first) / 7 AS last, (toDate('${cutOff}') - first) / 7 AS age,
        if(repeats = 0, 0, toFloat64(sumIf(amount, bought > 0) - argMinIf(amount, day, bought > 0)) / repeats) AS mean
      FROM (
        SELECT customer, sale_day AS day, sum(${COUNTED}) AS bought, sum(sign * net * (kind = 'sale')) AS amount
        FROM ${CHANGES}
        WHERE ${ownSales(scope)} AND sale_day <= '${cutOff}'
        GROUP BY customer, day
      )
      GROUP BY customer
      HAVING repeats >= 0
    )
    GROUP BY repeats, age
  )
  ARRAY JOIN alike.1 AS last, alike.2 AS mean
)`
}

const pick = ({ p, q, v }: NonNullable<ValueModel['gammaGamma']>) => ({ p, q, v })
