/**
 * What the wall shows, as absolute values by tile. Money is decimal strings. What is not known is null and has a
 * reason beside it; it is never invented.
 */
import { z } from 'zod'
import { notesTile } from './notes.ts'
import { paceTile } from './pace.ts'
import { toldFields } from './sayings.ts'
import { decimalSum, text } from './wire.ts'

/** Hero numbers of a day, or of the part of a day that has the same elapsed time. On the axis that was asked for. */
export const figures = z.object({
  /** Everything: sales + refunds + credits + adjustments, each with its sign. */
  revenue: decimalSum,
  /** Sales after edits and cancellations, before refunds. */
  sales: decimalSum,
  /** What went back: negative. */
  refunds: decimalSum,
  /** Orders that had a refund, counted once per refund. */
  refundCount: z.number(),
  credits: decimalSum,
  creditCount: z.number(),
  adjustments: decimalSum,
  adjustmentCount: z.number(),
  orders: z.number(),
  /** Sales per order (sales ÷ orders); null without orders. */
  ticket: decimalSum.nullable(),
  units: decimalSum,
  /** Distinct customers with an order; guests are no customers. */
  customers: z.number(),
  guestOrders: z.number(),
  guestRevenue: decimalSum,
})
export type Figures = z.infer<typeof figures>

export const AXES = ['booked', 'sale'] as const
export type Axis = (typeof AXES)[number]

export const heroTile = z.object({
  axis: z.enum(AXES),
  currency: text,
  /** Local day of the tenant, YYYY-MM-DD, and the minutes of it that have passed. */
  day: text,
  elapsedMinutes: z.number(),
  today: figures,
  /** The same elapsed time of the day before and of the same weekday a week ago; null where nothing is known. */
  yesterday: figures.nullable(),
  yesterdayDay: text,
  lastWeek: figures.nullable(),
  lastWeekDay: text,
  /** Always null until costs are known, with the reason. */
  margin: decimalSum.nullable(),
  marginReason: text.nullable(),
  /** Revenue of the day in other currencies; never added to the hero. */
  otherCurrencies: z.array(z.object({ currency: text, revenue: decimalSum })),
})

/** Cumulative revenue at the end of each step of five local minutes; only steps up to now for today. */
export const chartTile = z.object({
  stepMinutes: z.number(),
  today: z.array(decimalSum),
  yesterday: z.array(decimalSum),
  lastWeek: z.array(decimalSum),
})

export const productsTile = z.array(
  z.object({ sku: text, name: text, revenue: decimalSum, units: decimalSum }),
)
export const countriesTile = z.array(z.object({ country: text, revenue: decimalSum, orders: z.number() }))

export const latestTile = z.array(
  z.object({
    /** Stable over frames, and no other entry's. */
    key: text,
    at: text,
    orderId: text,
    source: text,
    kind: z.enum(['sale', 'edit', 'cancel', 'restore', 'refund', 'credit', 'adjustment']),
    /** The refund's id, else empty. */
    reference: text,
    country: text,
    currency: text,
    amount: decimalSum,
    guest: z.boolean(),
  }),
)

export const FRESHNESS = ['fresh', 'quiet', 'stale', 'loading', 'ended'] as const

export const sourcesTile = z.array(
  z.object({
    source: text,
    role: text,
    /** Event time up to which it is complete; null before the first word from it. */
    completeTo: text.nullable(),
    /** Wall clock of its last progress. */
    polledAt: text.nullable(),
    /** Wall clock of its last fact. */
    lastFactAt: text.nullable(),
    freshness: z.enum(FRESHNESS),
    message: text,
    ...toldFields,
  }),
)

export const exactnessTile = z.object({
  /** Sum of |view − base| over all amounts, in 1/10,000 units as text; "0" is exact. */
  driftE4: text,
  driftedBuckets: z.number(),
  provedAt: text.nullable(),
  /** True while the views are being audited after a start that followed no clean stop. */
  verifying: z.boolean(),
  deadLetters: z.number(),
})

/** History that is being loaded; null when none is. */
export const historyTile = z
  .object({
    loaded: z.number(),
    total: z.number(),
    perSecond: z.number().nullable(),
    secondsLeft: z.number().nullable(),
  })
  .nullable()

export const tenantTile = z.object({
  id: text,
  name: text,
  timeZone: text,
  currency: text,
  mode: z.enum(['history', 'live', 'replay']),
  /** Event seconds per wall second. */
  speed: z.number(),
  pass: z.number().nullable(),
})

/** What works at the moment; the wall says what does not and keeps the last values. */
export const healthTile = z.object({
  warehouse: z.enum(['up', 'restarting', 'down']),
  processor: z.enum(['running', 'recovering', 'halted']),
  message: text,
  ...toldFields,
  /** Records that the log held when the processors started and that they have not taken yet; absent: none. */
  backlog: z.number().optional(),
  /** Without it nothing is missing here but what processes share; absent: none is configured. */
  redis: z.enum(['up', 'down']).optional(),
})

export const tiles = z.object({
  tenant: tenantTile,
  hero: heroTile,
  chart: chartTile,
  pace: paceTile,
  notes: notesTile,
  products: productsTile,
  countries: countriesTile,
  latest: latestTile,
  sources: sourcesTile,
  exactness: exactnessTile,
  history: historyTile,
  health: healthTile,
})
export type Tiles = z.infer<typeof tiles>
export type TileName = keyof Tiles
