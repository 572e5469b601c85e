/** What people say beside the numbers: what happened when (annotations), and what is to be reached (targets). */
import { z } from 'zod'
import { currency, externalId, instant, label, tenant } from './fields.ts'
import { decimal } from './money.ts'
import { decimalSum, text } from './wire.ts'

export const ANNOTATION_KINDS = ['deploy', 'promotion', 'price', 'other'] as const
export type AnnotationKind = (typeof ANNOTATION_KINDS)[number]
export const MAX_NOTE_CHARS = 200

export const TARGET_PERIODS = ['day', 'week', 'month'] as const
export type TargetPeriod = (typeof TARGET_PERIODS)[number]
export const TARGET_SERIES = ['revenue', 'orders'] as const
export type TargetSeries = (typeof TARGET_SERIES)[number]

export const noteText = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NOTE_CHARS)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'no control characters')
export const noteDay = z.iso
  .date('a day such as 2011-11-17')
  .refine((day) => day >= '2000-01-01' && day <= '2099-12-31', 'a day from 2000 to 2099')
/** What is to be reached: some, and orders whole. */
export const targetAmount = decimal.regex(/^(?!0+(\.0+)?$)[^-]/, 'more than 0')

/** Checks between the fields of an annotation, on the wire and in the log. */
export const isUntilAfterAt = ({ at, until }: { at: string; until?: string | null | undefined }): boolean =>
  until === undefined || until === null || Date.parse(until) > Date.parse(at)
export const UNTIL_FAULT = { path: ['until'], message: 'after `at`' }
export const isWholeOrders = ({ series, amount }: { series: TargetSeries; amount: string }): boolean =>
  series !== 'orders' || /^\d{1,9}$/.test(amount)
export const ORDERS_FAULT = { path: ['amount'], message: 'a whole number of orders' }

const head = { schemaVersion: z.literal(1), tenant, by: label, removed: z.boolean().default(false) }

/** The record of an id that was appended last holds. `until` is not included. */
export const annotationEvent = z
  .object({
    type: z.literal('annotation'),
    ...head,
    id: externalId,
    kind: z.enum(ANNOTATION_KINDS),
    at: instant,
    until: instant.nullable().default(null),
    text: noteText,
  })
  .refine(isUntilAfterAt, UNTIL_FAULT)

/** The record of a series, period and first day that was appended last holds. `currency`: of revenue, else null. */
export const targetEvent = z
  .object({
    type: z.literal('target'),
    ...head,
    series: z.enum(TARGET_SERIES),
    period: z.enum(TARGET_PERIODS),
    /** Local day of the tenant from which on it is to be reached in each period, until there is a later one. */
    from: noteDay,
    amount: targetAmount,
    currency: currency.nullable(),
  })
  .refine(isWholeOrders, ORDERS_FAULT)
  .refine(({ series, currency }) => (series === 'revenue') === (currency !== null), {
    path: ['currency'],
    message: 'of revenue, and of nothing else',
  })

export const noteEvent = z.discriminatedUnion('type', [annotationEvent, targetEvent])
export type AnnotationEvent = z.infer<typeof annotationEvent>
export type TargetEvent = z.infer<typeof targetEvent>
export type NoteEvent = z.infer<typeof noteEvent>

/** Of the `notes` topic: what replaces each other has one key. */
export function noteKey(event: NoteEvent): string {
  const { tenant, type } = event
  const id = event.type === 'annotation' ? event.id : [event.series, event.period, event.from].join('/')
  return [tenant, type, id].join('/')
}

/** An annotation as it is shown; instants are UTC. */
export const annotation = z.object({
  id: text,
  kind: z.enum(ANNOTATION_KINDS),
  at: text,
  until: text.nullable(),
  text,
  by: text,
})
export type Annotation = z.infer<typeof annotation>

export const target = z.object({
  series: z.enum(TARGET_SERIES),
  period: z.enum(TARGET_PERIODS),
  from: text,
  amount: decimalSum,
  /** Null: of orders. */
  currency: text.nullable(),
  by: text,
})
export type Target = z.infer<typeof target>

/** How far the period is that is running now. Shares are of 1; what has gone wrong can make them negative. */
export const targetProgress = z.object({
  series: z.enum(TARGET_SERIES),
  period: z.enum(TARGET_PERIODS),
  amount: decimalSum,
  /** First and last local day of the period. */
  first: text,
  last: text,
  /** What came on its days before today. */
  before: decimalSum,
  /** With what came today. */
  reached: decimalSum,
  share: z.number(),
  /** How much of the period's time has passed. */
  elapsedShare: z.number(),
  /** Today and the days after it. */
  daysLeft: z.number(),
  /** What each of them has to bring, today included; "0" where nothing is missing. */
  neededPerDay: decimalSum,
})
export type TargetProgress = z.infer<typeof targetProgress>

/** Of the wall's day. Minutes passed since local midnight, as on the chart; what goes on over its end ends with it. */
export const notesTile = z.object({
  day: text,
  /** Of the whole day: 1,440, or an hour more or less. */
  minutes: z.number(),
  annotations: z.array(annotation.extend({ fromMinute: z.number(), untilMinute: z.number().nullable() })),
  /** What the day is to reach; null: nothing is set. */
  target: z.object({ revenue: decimalSum.nullable(), orders: z.number().nullable() }),
})
export type NotesTile = z.infer<typeof notesTile>
