import type { SimulationOptions } from '../simulation-options.ts'

/** A shop for tests, which opened at midnight of New Year 2024 in New York. */
export function smallShop(more: Partial<SimulationOptions> = {}): SimulationOptions {
  return {
    tenant: 'demo',
    source: 'simulate',
    currency: 'USD',
    timeZone: 'America/New_York',
    seed: 1,
    beginMs: Date.UTC(2024, 0, 1, 5),
    customersPerYear: 2_000,
    productsPerYear: 200,
    ...more,
  }
}
