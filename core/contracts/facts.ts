/** Facts other than orders: customers (the only place of personal data), products, stock, campaigns, rates, health. */
import { z } from 'zod'
import { currency, externalId, instant, label, source, tenant, version } from './fields.ts'
import { decimal } from './money.ts'
import { sayingFields } from './sayings.ts'

const head = { schemaVersion: z.literal(1), tenant, source, version, changedAt: instant }

/** `customerId` is the pseudonym that orders carry; what identifies a person stands here and nowhere else. */
export const customerEvent = z.object({
  type: z.literal('customer'),
  ...head,
  customerId: externalId,
  externalCustomerId: externalId,
  name: label.nullable().default(null),
  email: label.nullable().default(null),
  phone: label.nullable().default(null),
  country: label.nullable().default(null),
  region: label.nullable().default(null),
  createdAt: instant.nullable().default(null),
  /** Set when the person asked to be forgotten: the row is emptied, sums are untouched. */
  erasedAt: instant.nullable().default(null),
})

export const productEvent = z.object({
  type: z.literal('product'),
  ...head,
  sku: externalId,
  name: label,
  /** From the widest to the narrowest: ["Home", "Kitchen", "Cake stands"]. */
  categoryPath: z.array(label).max(20).default([]),
  currency: currency.nullable().default(null),
  price: decimal.nullable().default(null),
  cost: decimal.nullable().default(null),
  stock: decimal.nullable().default(null),
  reorderPoint: decimal.nullable().default(null),
})

/** One campaign's figures of one day, as absolute values: a later version replaces the former. */
export const campaignEvent = z.object({
  type: z.literal('campaign'),
  ...head,
  campaignId: externalId,
  name: label,
  channel: label.nullable().default(null),
  day: z.iso.date(),
  sent: z.int().nonnegative().nullable().default(null),
  opened: z.int().nonnegative().nullable().default(null),
  clicked: z.int().nonnegative().nullable().default(null),
  currency: currency.nullable().default(null),
  spend: decimal.nullable().default(null),
})

/** One unit of `base` is `rate` units of `quote` on that day. Ten decimals: rates are no money. */
export const rateEvent = z.object({
  type: z.literal('rate'),
  schemaVersion: z.literal(1),
  tenant,
  day: z.iso.date(),
  base: currency,
  quote: currency,
  rate: z.string().regex(/^\d{1,9}(\.\d{1,10})?$/),
  provider: label,
})

/** What a source says of itself; absolute values, the latest wins. */
export const sourceHealth = z.object({
  type: z.literal('source.health'),
  schemaVersion: z.literal(1),
  tenant,
  source,
  at: instant,
  state: z.enum(['starting', 'loading', 'running', 'quiet', 'failing', 'ended', 'stopped']),
  /** History load: units done and in all, their rate and the time left, where known. */
  loaded: z.int().nonnegative().nullable().default(null),
  total: z.int().nonnegative().nullable().default(null),
  perSecond: z.number().nonnegative().nullable().default(null),
  secondsLeft: z.number().nonnegative().nullable().default(null),
  message: label.default(''),
  ...sayingFields,
})

export type SourceHealth = z.infer<typeof sourceHealth>
export type CustomerEvent = z.infer<typeof customerEvent>
export type ProductEvent = z.infer<typeof productEvent>
export type CampaignEvent = z.infer<typeof campaignEvent>
export type RateEvent = z.infer<typeof rateEvent>
