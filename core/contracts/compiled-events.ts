/**
 * The schemas of order facts, compiled: a valid event costs a tenth of what it costs by `events.ts`, and an invalid one
 * is told the same issues. Apart from it because compiling needs `new Function`, which a page may forbid.
 */
import { z } from 'zod'
import { type OrderFact, UPCASTERS } from './events.ts'
import { cancellationEvent, orderEvent, paymentEvent, refundEvent } from './order.ts'
import { upcast } from './upcast.ts'

/** Chosen by hand: the compiled union costs four times as much as its member. */
const SCHEMAS = {
  order: orderEvent,
  'order.refund': refundEvent,
  'order.payment': paymentEvent,
  'order.cancellation': cancellationEvent,
} satisfies Record<OrderFact['type'], z.ZodType>

export const ORDER_FACT_TYPES = Object.keys(SCHEMAS) as OrderFact['type'][]

const compiled = new Map<string, z.ZodType<OrderFact>>()

/** Upcasts and validates; undefined when `type` is none of ORDER_FACT_TYPES. The result is a fresh object. */
export function parseOrderFact(raw: Record<string, unknown>): z.ZodSafeParseResult<OrderFact> | undefined {
  const event = upcast(raw, UPCASTERS) as Record<string, unknown>
  return schemaOf(event.type)?.safeParse(event)
}

/** Compiled when it is first asked for: that takes some ten milliseconds, which a start should not wait for. */
function schemaOf(type: unknown): z.ZodType<OrderFact> | undefined {
  if (typeof type !== 'string' || !Object.hasOwn(SCHEMAS, type)) return undefined
  const known = compiled.get(type)
  if (known !== undefined) return known
  const schema: z.ZodType<OrderFact> = z.compile(SCHEMAS[type as OrderFact['type']], { strict: true })
  compiled.set(type, schema)
  return schema
}
