/** The tiles of one number, in the order of the built-in wall. */
export const STATS = ['orders', 'ticket', 'customers', 'units', 'refunds', 'margin'] as const
export type StatName = (typeof STATS)[number]

export const isStat = (name: string): name is StatName => (STATS as readonly string[]).includes(name)
