/**
 * Segments: what a customer's cell of R × F × M is called.
 *
 * Each mode is one list of rules by priority: the first that a cell fits gives its name, and what fits none belongs to
 * the mode's last segment. So every mode is a total partition of the 125 cells; a test goes through all of them.
 * Scores are 1 to 5, 5 the best: the most recent, the most orders, the most money.
 *
 * Sources: the R × F map is the one that tutorials hand on; `r-rfm` are the intervals of the example in the
 * documentation of R's package `rfm`; Shopify's names and their meaning are of its GraphQL Admin API (CustomerRfmGroup),
 * which scores by R and by the mean of F and M. Its exact edges are not published there: those here are of one
 * third-party implementation, and a gap of it was filled. Shopify's `prospects` have no orders, hence no cell.
 */
import { CELL_COUNT, scoresOf } from './cells.ts'

export interface Segment {
  /** Lower case and hyphens; stable, it stands in rows and events. */
  id: string
  en: string
  pt: string
}

export type Interval = readonly [number, number]

/** A cell fits when each score that is named lies within; `fm` is the mean of F and M. */
export interface CellRule {
  to: string
  r?: Interval
  f?: Interval
  m?: Interval
  fm?: Interval
}

export interface SegmentMode {
  id: string
  segments: readonly Segment[]
  /** By priority; a segment may have several. */
  rules: readonly CellRule[]
}

export const SEGMENT_MODES = {
  default: {
    id: 'default',
    segments: [
      { id: 'champions', en: 'Champions', pt: 'Campeões' },
      { id: 'loyal', en: 'Loyal', pt: 'Fiéis' },
      { id: 'potential-loyalist', en: 'Potential Loyalist', pt: 'Potenciais fiéis' },
      { id: 'new', en: 'New', pt: 'Novos' },
      { id: 'promising', en: 'Promising', pt: 'Promissores' },
      { id: 'need-attention', en: 'Need Attention', pt: 'Precisam de atenção' },
      { id: 'about-to-sleep', en: 'About to Sleep', pt: 'Prestes a adormecer' },
      { id: 'at-risk', en: 'At Risk', pt: 'Em risco' },
      { id: 'cant-lose', en: 'Can’t Lose', pt: 'Não podemos perder' },
      { id: 'lost', en: 'Lost', pt: 'Perdidos' },
      { id: 'hibernating', en: 'Hibernating', pt: 'Hibernando' },
    ],
    rules: [
      { to: 'champions', r: [4, 5], f: [4, 5], m: [4, 5] },
      { to: 'cant-lose', r: [1, 2], f: [4, 5], m: [4, 5] },
      { to: 'at-risk', r: [1, 2], f: [3, 5] },
      { to: 'loyal', r: [3, 5], f: [4, 5] },
      { to: 'new', r: [5, 5], f: [1, 1] },
      { to: 'promising', r: [4, 4], f: [1, 1] },
      { to: 'potential-loyalist', r: [4, 5], f: [2, 3] },
      { to: 'need-attention', r: [3, 3], f: [3, 3] },
      // Few orders, but large ones: worth a word before they sleep.
      { to: 'need-attention', r: [3, 3], f: [1, 2], m: [4, 5] },
      { to: 'about-to-sleep', r: [3, 3], f: [1, 2] },
      { to: 'lost', r: [1, 1], f: [1, 2], m: [1, 2] },
    ],
  },
  'recency-frequency': {
    id: 'recency-frequency',
    segments: [
      { id: 'champions', en: 'Champions', pt: 'Campeões' },
      { id: 'loyal', en: 'Loyal', pt: 'Fiéis' },
      { id: 'potential-loyalist', en: 'Potential Loyalist', pt: 'Potenciais fiéis' },
      { id: 'new', en: 'New', pt: 'Novos' },
      { id: 'promising', en: 'Promising', pt: 'Promissores' },
      { id: 'need-attention', en: 'Need Attention', pt: 'Precisam de atenção' },
      { id: 'about-to-sleep', en: 'About to Sleep', pt: 'Prestes a adormecer' },
      { id: 'at-risk', en: 'At Risk', pt: 'Em risco' },
      { id: 'cant-lose', en: 'Can’t Lose', pt: 'Não podemos perder' },
      { id: 'hibernating', en: 'Hibernating', pt: 'Hibernando' },
    ],
    rules: [
      { to: 'hibernating', r: [1, 2], f: [1, 2] },
      { to: 'at-risk', r: [1, 2], f: [3, 4] },
      { to: 'cant-lose', r: [1, 2], f: [5, 5] },
      { to: 'about-to-sleep', r: [3, 3], f: [1, 2] },
      { to: 'need-attention', r: [3, 3], f: [3, 3] },
      { to: 'loyal', r: [3, 4], f: [4, 5] },
      { to: 'promising', r: [4, 4], f: [1, 1] },
      { to: 'new', r: [5, 5], f: [1, 1] },
      { to: 'potential-loyalist', r: [4, 5], f: [2, 3] },
      { to: 'champions', r: [5, 5], f: [4, 5] },
    ],
  },
  'r-rfm': {
    id: 'r-rfm',
    segments: [
      { id: 'champions', en: 'Champions', pt: 'Campeões' },
      { id: 'potential-loyalist', en: 'Potential Loyalist', pt: 'Potenciais fiéis' },
      { id: 'loyal', en: 'Loyal Customers', pt: 'Fiéis' },
      { id: 'promising', en: 'Promising', pt: 'Promissores' },
      { id: 'new', en: 'New Customers', pt: 'Novos' },
      { id: 'cant-lose', en: 'Can’t Lose Them', pt: 'Não podemos perder' },
      { id: 'at-risk', en: 'At Risk', pt: 'Em risco' },
      { id: 'need-attention', en: 'Need Attention', pt: 'Precisam de atenção' },
      { id: 'about-to-sleep', en: 'About To Sleep', pt: 'Prestes a adormecer' },
      { id: 'lost', en: 'Lost', pt: 'Perdidos' },
      { id: 'others', en: 'Others', pt: 'Outros' },
    ],
    rules: [
      { to: 'champions', r: [5, 5], f: [5, 5], m: [5, 5] },
      { to: 'potential-loyalist', r: [3, 5], f: [3, 5], m: [2, 5] },
      { to: 'loyal', r: [2, 4], f: [2, 4], m: [2, 4] },
      { to: 'promising', r: [3, 4], f: [1, 3], m: [3, 5] },
      { to: 'new', r: [4, 5], f: [1, 3], m: [1, 5] },
      { to: 'cant-lose', r: [1, 2], f: [3, 4], m: [4, 5] },
      { to: 'at-risk', r: [1, 2], f: [2, 5], m: [4, 5] },
      { to: 'need-attention', r: [1, 3], f: [3, 5], m: [3, 5] },
      { to: 'about-to-sleep', r: [2, 3], f: [1, 3], m: [1, 4] },
      { to: 'lost', r: [1, 1], f: [1, 5], m: [1, 5] },
    ],
  },
  shopify: {
    id: 'shopify',
    segments: [
      { id: 'champions', en: 'Champions', pt: 'Campeões' },
      { id: 'loyal', en: 'Loyal', pt: 'Fiéis' },
      { id: 'active', en: 'Active', pt: 'Ativos' },
      { id: 'new', en: 'New', pt: 'Novos' },
      { id: 'promising', en: 'Promising', pt: 'Promissores' },
      { id: 'needs-attention', en: 'Needs attention', pt: 'Precisam de atenção' },
      { id: 'almost-lost', en: 'Almost lost', pt: 'Quase perdidos' },
      { id: 'previously-loyal', en: 'Previously loyal', pt: 'Antes fiéis' },
      { id: 'at-risk', en: 'At risk', pt: 'Em risco' },
      { id: 'dormant', en: 'Dormant', pt: 'Inativos' },
    ],
    rules: [
      { to: 'champions', r: [5, 5], fm: [3.5, 5] },
      { to: 'loyal', r: [3, 4], fm: [3.5, 5] },
      { to: 'active', r: [4, 5], fm: [1.5, 3] },
      { to: 'new', r: [5, 5], fm: [1, 1] },
      { to: 'promising', r: [4, 4], fm: [1, 1] },
      { to: 'needs-attention', r: [3, 3], fm: [2.5, 3] },
      { to: 'almost-lost', r: [3, 3], fm: [1, 2] },
      { to: 'previously-loyal', r: [1, 2], fm: [4.5, 5] },
      { to: 'at-risk', r: [1, 2], fm: [2.5, 4] },
    ],
  },
  lifecycle: {
    id: 'lifecycle',
    segments: [
      { id: 'premium', en: 'Premium', pt: 'Premium' },
      { id: 'new', en: 'New', pt: 'Novos' },
      { id: 'at-risk', en: 'At risk', pt: 'Em risco' },
      { id: 'churned', en: 'Churned', pt: 'Evadidos' },
      { id: 'regular', en: 'Regular', pt: 'Regulares' },
    ],
    rules: [
      { to: 'churned', r: [1, 1] },
      { to: 'at-risk', r: [2, 2] },
      { to: 'premium', r: [3, 5], f: [4, 5], m: [4, 5] },
      { to: 'new', r: [4, 5], f: [1, 1] },
    ],
  },
} as const satisfies Record<string, SegmentMode>

export type SegmentModeId = keyof typeof SEGMENT_MODES

/** How customers can be divided: each of the modes, or by the thresholds of segment-rules.ts. */
export const SEGMENT_CHOICES = [
  ...['default', 'recency-frequency', 'r-rfm', 'shopify', 'lifecycle'],
  'rules',
] as const satisfies readonly (SegmentModeId | 'rules')[]
export type SegmentChoice = (typeof SEGMENT_CHOICES)[number]

/** What stands in the column `mode` of rows that a version of the rules named; a mode's stands there by its id. */
export const rulesMode = (version: number): string => `${RULES_MODES}${version}`
/** What it begins with in all versions. */
export const RULES_MODES = 'rules-v'

/** For each of the 125 cells the number of its segment in `mode.segments`. */
export function partitionOf(mode: SegmentMode): Uint8Array {
  return Uint8Array.from({ length: CELL_COUNT }, (_, cell) => segmentOf(mode, cell))
}

/** The segment's number in `mode.segments`. */
export function segmentOf(mode: SegmentMode, cell: number): number {
  const { recency, frequency, monetary } = scoresOf(cell)
  const within = (interval: Interval | undefined, score: number) =>
    interval === undefined || (score >= interval[0] && score <= interval[1])
  const rule = mode.rules.find(
    ({ r, f, m, fm }) =>
      within(r, recency) &&
      within(f, frequency) &&
      within(m, monetary) &&
      within(fm, (frequency + monetary) / 2),
  )
  if (rule === undefined) return mode.segments.length - 1
  return mode.segments.findIndex(({ id }) => id === rule.to)
}
