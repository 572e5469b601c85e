/**
 * Segments by absolute thresholds, as data: an operator's rules, changed without code.
 *
 * A rule set is evaluated here, and compiles to a SQL function of the same meaning (clickhouse/queries/segment-sql.ts), so
 * that ClickHouse can name a segment in any query. Each version is a function of its own: rows say which rules they were
 * made by.
 *
 * The first rule whose conditions all hold gives the segment, else `otherwise` does. Recency is in whole days and at
 * least 0, frequency in orders, monetary in units of the currency (decimal text, compared as E4 integers).
 */
import { z } from 'zod'
import { decimal, toE4 } from '../contracts/money.ts'
import type { Segment } from './segment-modes.ts'

const MAX_RULES = 50
/** Nothing that SQL would read as anything but a name's text. */
export const segmentId = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens')
const operator = z.enum(['<=', '>='])

const condition = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('recency'), is: operator, value: z.int().nonnegative().max(100_000) }),
  z.strictObject({ of: z.literal('frequency'), is: operator, value: z.int().nonnegative().max(1_000_000) }),
  z.strictObject({ of: z.literal('monetary'), is: operator, value: decimal }),
])

export const segmentRules = z
  .strictObject({
    segments: z
      .array(z.strictObject({ id: segmentId, en: z.string().min(1).max(80), pt: z.string().min(1).max(80) }))
      .min(1)
      .max(MAX_RULES),
    rules: z.array(z.strictObject({ to: segmentId, when: z.array(condition).min(1).max(6) })).max(MAX_RULES),
    otherwise: segmentId,
  })
  .refine(({ segments, rules, otherwise }) => {
    const ids = new Set(segments.map(({ id }) => id))
    return (
      ids.size === segments.length && [otherwise, ...rules.map(({ to }) => to)].every((id) => ids.has(id))
    )
  }, 'every rule and `otherwise` name one of `segments`, whose ids differ')

export type SegmentRules = z.infer<typeof segmentRules>
export type RuleCondition = z.infer<typeof condition>

/** Version 1, which is there without being stored, in the words of Brazilian retail. Never changed: rows were made by it. */
export const DEFAULT_SEGMENT_RULES: SegmentRules = {
  segments: [
    { id: 'champions', en: 'Champions', pt: 'Campeões' },
    { id: 'loyal', en: 'Loyal', pt: 'Fiéis' },
    { id: 'opportunists', en: 'Opportunists', pt: 'Oportunistas' },
    { id: 'new', en: 'New', pt: 'Novos' },
    { id: 'regular', en: 'Regular', pt: 'Regulares' },
    { id: 'at-risk', en: 'At Risk', pt: 'Em risco' },
    { id: 'lost', en: 'Lost', pt: 'Perdidos' },
  ] satisfies Segment[],
  rules: [
    {
      to: 'champions',
      when: [
        { of: 'recency', is: '<=', value: 30 },
        { of: 'frequency', is: '>=', value: 10 },
        { of: 'monetary', is: '>=', value: '1000' },
      ],
    },
    {
      to: 'loyal',
      when: [
        { of: 'recency', is: '<=', value: 60 },
        { of: 'frequency', is: '>=', value: 5 },
      ],
    },
    {
      to: 'opportunists',
      when: [
        { of: 'recency', is: '<=', value: 90 },
        { of: 'monetary', is: '>=', value: '500' },
      ],
    },
    {
      to: 'new',
      when: [
        { of: 'recency', is: '<=', value: 30 },
        { of: 'frequency', is: '<=', value: 1 },
      ],
    },
    { to: 'regular', when: [{ of: 'recency', is: '<=', value: 90 }] },
    { to: 'at-risk', when: [{ of: 'recency', is: '<=', value: 180 }] },
  ],
  otherwise: 'lost',
}

/** As the SQL function takes them, with money as E4. */
export interface RuleValues {
  recency: number
  frequency: number
  monetaryE4: number
}

/** The number of the segment in `segments`. */
export type RuleEvaluator = (values: RuleValues) => number

/** Thresholds are read once, not for each customer. */
export function evaluatorOf({ segments, rules, otherwise }: SegmentRules): RuleEvaluator {
  const numberOf = (id: string) => segments.findIndex((segment) => segment.id === id)
  const tests = rules.map(({ to, when }) => ({ to: numberOf(to), when: when.map(testOf) }))
  const last = numberOf(otherwise)
  return (values) => tests.find(({ when }) => when.every((holds) => holds(values)))?.to ?? last
}

function testOf({ of, is, value }: RuleCondition): (values: RuleValues) => boolean {
  const field = of === 'monetary' ? 'monetaryE4' : of
  const threshold = typeof value === 'string' ? toE4(value) : value
  return is === '<=' ? (values) => values[field] <= threshold : (values) => values[field] >= threshold
}
