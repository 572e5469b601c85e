import { createHash } from 'node:crypto'
import { createSimulation } from '../simulation.ts'
import { smallShop } from './small-shop.ts'

/** Of the first records that a seed makes. */
export function hashRecords(seed: number, count: number): string {
  const simulation = createSimulation(smallShop({ seed, ordersPerYear: 200_000 }))
  const hash = createHash('sha256')
  while (simulation.told < count) hash.update(JSON.stringify(simulation.next(Number.POSITIVE_INFINITY)))
  return hash.digest('hex')
}
