/** Which difference is explained, as it stands in the page's address: `why`, `why-540-720`, `why-540-720-last-week`. */
export interface WhySpan {
  /** Minutes that passed since midnight; null: from the beginning, up to now. */
  from: number | null
  to: number | null
  against: Against
}
export type Against = 'yesterday' | 'last-week'

const STEP_MINUTES = 5

export function writeWhy({ from, to, against }: WhySpan): string {
  const span = from === null && to === null ? '' : `-${from ?? ''}-${to ?? ''}`
  return `why${span}${against === 'last-week' ? '-last-week' : ''}`
}

/** Null where the panel is another one. */
export function readWhy(panel: string | null): WhySpan | null {
  const found = /^why(?:-(\d{0,4})-(\d{0,4}))?(-last-week)?$/.exec(panel ?? '')
  if (found === null) return null
  const [, from, to, lastWeek] = found
  return { from: minutesOf(from), to: minutesOf(to), against: lastWeek ? 'last-week' : 'yesterday' }
}

/** What was dragged over, in whole steps of the chart; null: too little to mean anything. */
export function draggedSpan(from: number, to: number): { from: number; to: number } | null {
  const first = Math.max(0, Math.floor(Math.min(from, to) / STEP_MINUTES) * STEP_MINUTES)
  const last = Math.ceil(Math.max(from, to) / STEP_MINUTES) * STEP_MINUTES
  return last - first > STEP_MINUTES ? { from: first, to: last } : null
}

/** "09:30" of a field for times; null where it is empty. */
export function minutesOfClock(clock: string): number | null {
  const [hours, minutes] = clock.split(':').map(Number)
  return clock === '' || hours === undefined || minutes === undefined ? null : hours * 60 + minutes
}

const minutesOf = (text: string | undefined) => (text ? Number(text) : null)
