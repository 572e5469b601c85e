/** The rival: customers as objects, sorted arrays, loops. What one writes first. */
import { cellOf } from '../../core/segments/cells.ts'
import type { RfmColumns } from '../../processors/rfm/rfm-columns.ts'

export interface PlainCustomer {
  recencyDays: number
  orders: number
  monetaryE4: number
  cell: number
}

export function plainCustomers({ lastDay, orders, monetaryE4 }: RfmColumns, today: number): PlainCustomer[] {
  return Array.from(orders, (count, row) => ({
    recencyDays: today - lastDay[row]!,
    orders: count,
    monetaryE4: monetaryE4[row]!,
    cell: 0,
  }))
}

export function scorePlainly(customers: PlainCustomer[]): void {
  const recency = cutsOf(
    customers.map(({ recencyDays }) => recencyDays),
    1,
  )
  const frequency = cutsOf(
    customers.map(({ orders }) => orders),
    1,
  )
  const monetary = cutsOf(
    customers.map(({ monetaryE4 }) => monetaryE4),
    10_000,
  )
  for (const customer of customers)
    customer.cell = cellOf(
      5 - reached(recency, customer.recencyDays),
      1 + reached(frequency, customer.orders),
      1 + reached(monetary, customer.monetaryE4),
    )
}

function cutsOf(values: number[], unit: number): number[] {
  const sorted = values.sort((a, b) => a - b)
  return [1, 2, 3, 4].map((k) => {
    const position = ((sorted.length - 1) * k) / 5
    const low = sorted[Math.floor(position)]!
    const high = sorted[Math.ceil(position)]!
    return low + (position - Math.floor(position)) * (high - low) + unit
  })
}

function reached(cuts: readonly number[], value: number): number {
  return cuts.filter((cut) => value >= cut).length
}
