/** Seeded customers for the bench: many who bought once or twice, few who buy often, two years of days, cents. */
import { type RfmColumns, sharedColumns } from '../../processors/rfm/rfm-columns.ts'

export const TODAY = 20_500

export function benchCustomers(count: number): RfmColumns {
  const columns = sharedColumns(count)
  let state = 12_345
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 1) / 2 ** 32
  }
  for (let row = 0; row < count; row++) {
    const orders = Math.ceil(0.3 - 2.5 * Math.log(random()))
    columns.lastDay[row] = TODAY - Math.floor(730 * random() ** 1.5)
    columns.orders[row] = orders
    columns.monetaryE4[row] =
      Math.round(orders * 4_500 * Math.exp(1.2 * (random() + random() + random() - 1.5))) * 100
  }
  return columns
}
