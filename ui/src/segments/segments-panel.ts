/** What the panel of segments shows, as it stands in the address, and what it asks for that: `?panel=segments&mode=rules`. */
import { addDays } from '../explore/explore-panel.ts'

export const TABS = ['now', 'days', 'moves'] as const
export type Tab = (typeof TABS)[number]
export const MODES = ['default', 'recency-frequency', 'r-rfm', 'shopify', 'lifecycle', 'rules'] as const
export type Mode = (typeof MODES)[number]
export const MEASURES = ['customers', 'revenue'] as const
export type Measure = (typeof MEASURES)[number]
/** Days up to today. */
export const SPANS = [7, 30, 90] as const
export type Span = (typeof SPANS)[number]

export interface SegmentsView {
  tab: Tab
  /** Null: as it is done live. */
  mode: Mode | null
  measure: Measure
  span: Span
}

export function readSegmentsView(search: string): SegmentsView {
  const query = new URLSearchParams(search)
  return {
    tab: TABS.find((tab) => tab === query.get('tab')) ?? 'now',
    mode: MODES.find((mode) => mode === query.get('mode')) ?? null,
    measure: query.get('measure') === 'revenue' ? 'revenue' : 'customers',
    span: SPANS.find((span) => String(span) === query.get('span')) ?? 30,
  }
}

/** As parameters of the address; null: is not to stand there. */
export function writeSegmentsView({ tab, mode, measure, span }: SegmentsView): Record<string, string | null> {
  return {
    tab: tab === 'now' ? null : tab,
    mode,
    measure: measure === 'customers' ? null : measure,
    span: span === 30 ? null : String(span),
  }
}

/** Nothing of it stands in the address. */
export const NO_SEGMENTS_VIEW = { tab: null, mode: null, measure: null, span: null }

/** The days of a span, as parameters of a question. */
export function rangeQuery(span: number, today: string): string {
  return `?from=${addDays(today, 1 - span)}&to=${today}`
}
