/** Segments are called as the api says: a division has its own names, and rules those that somebody wrote. */
import { LOCALE } from '../messages.ts'

export interface SegmentLabel {
  id: string
  en: string
  pt: string
}

/** In the page's language; the id where nothing is known of it, as of a segment that former rules had. */
export function segmentName(labels: readonly SegmentLabel[], id: string): string {
  const label = labels.find((one) => one.id === id)
  if (label === undefined) return id
  return LOCALE === 'pt-BR' ? label.pt : label.en
}

/** The division's segments in its order, and behind them what else there is. */
export function segmentsInOrder(labels: readonly SegmentLabel[], found: Iterable<string>): string[] {
  return [...new Set([...labels.map(({ id }) => id), ...found])]
}
