/**
 * Segments by absolute thresholds, as data: a tenant's rules, changed without code.
 *
 * A rule set is evaluated here, and compiles to the text of a SQL function of the same meaning, so that ClickHouse can
 * name a segment in any query. Each version is a function of its own: rows say which rules they were made by.
 *
 * The first rule whose conditions all hold gives the segment, else `otherwise` does. Recency is in whole days and at
 * least 0, frequency in orders, monetary in units of the currency (decimal text, compared as E4 integers).
 */
import { z } from 'zod'
import { decimal, toE4 } from '../../core/contracts/money.ts'
import type { Labeller } from './label-cells.ts'
import { type RfmColumns, UNSCORED } from './rfm-columns.ts'
import type { Segment } from './segments.ts'

const MAX_RULES = 50
/** Nothing that SQL would read as anything but a name's text. */
const segmentId = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens')
const operator = z.enum(['<=', '>='])

const condition = z.discriminatedUnion('of', [
  z.object({ of: z.literal('recency'), is: operator, value: z.int().nonnegative().max(100_000) }),
  z.object({ of: z.literal('frequency'), is: operator, value: z.int().nonnegative().max(1_000_000) }),
  z.object({ of: z.literal('monetary'), is: operator, value: decimal }),
])

export const segmentRules = z
  .object({
    version: z.int().positive(),
    segments: z
      .array(z.object({ id: segmentId, en: z.string().min(1).max(80), pt: z.string().min(1).max(80) }))
      .min(1)
      .max(MAX_RULES),
    rules: z.array(z.object({ to: segmentId, when: z.array(condition).min(1).max(6) })).max(MAX_RULES),
    otherwise: segmentId,
  })
  .refine(({ segments, rules, otherwise }) => {
    const ids = new Set(segments.map(({ id }) => id))
    return (
      ids.size === segments.length && [otherwise, ...rules.map(({ to }) => to)].every((id) => ids.has(id))
    )
  }, 'every rule and `otherwise` name one of `segments`, whose ids differ')

export type SegmentRules = z.infer<typeof segmentRules>
type Condition = z.infer<typeof condition>

/** What a shop begins with, in the words of Brazilian retail. */
export const DEFAULT_SEGMENT_RULES: SegmentRules = {
  version: 1,
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

/** Segments of rows as of a day, for list-moves.ts: here a day that passes does move customers. */
export function ruleLabeller(columns: RfmColumns, rules: SegmentRules, today: number): Labeller {
  const evaluate = evaluatorOf(rules)
  const { lastDay, orders, monetaryE4 } = columns
  const values = { recency: 0, frequency: 0, monetaryE4: 0 }
  return ({ from, to }, out) => {
    for (let row = from; row < to; row++) {
      values.recency = Math.max(0, today - lastDay[row]!)
      values.frequency = orders[row]!
      values.monetaryE4 = monetaryE4[row]!
      out[row - from] = values.frequency <= 0 ? UNSCORED : evaluate(values)
    }
  }
}

/** The name of the SQL function of a version. */
export function segmentFunctionName(version: number): string {
  return `revwall_segment_v${version}`
}

/** A statement of ClickHouse. `monetary` is given to the function as a Decimal. */
export function segmentFunctionSql(unchecked: SegmentRules): string {
  // Whatever is put into SQL is checked here, wherever it comes from.
  const { version, rules, otherwise } = segmentRules.parse(unchecked)
  const branches = rules.map(({ to, when }) => `${when.map(conditionSql).join(' AND ')}, '${to}'`)
  const body =
    branches.length === 0 ? `'${otherwise}'` : `multiIf(${[...branches, `'${otherwise}'`].join(', ')})`
  return `CREATE OR REPLACE FUNCTION ${segmentFunctionName(version)} AS (recency, frequency, monetary) -> ${body}`
}

function conditionSql({ of, is, value }: Condition): string {
  return `${of} ${is} ${of === 'monetary' ? `toDecimal128('${value}', 4)` : value}`
}

function testOf({ of, is, value }: Condition): (values: RuleValues) => boolean {
  const field = of === 'monetary' ? 'monetaryE4' : of
  const threshold = typeof value === 'string' ? toE4(value) : value
  return is === '<=' ? (values) => values[field] <= threshold : (values) => values[field] >= threshold
}
