/** What was said beside the numbers, to look at: on the wall, and in the dialog. */
import type { Annotation, NotesTile, Target, TargetProgress } from '../../core/contracts/notes.ts'

const DAY = '2011-11-17'
const AT_MIDNIGHT = Date.parse(`${DAY}T00:00:00Z`)
const instant = (minute: number) => new Date(AT_MIDNIGHT + minute * 60_000).toISOString()

const told = (
  id: string,
  kind: Annotation['kind'],
  text: string,
  fromMinute: number,
  untilMinute: number | null = null,
): NotesTile['annotations'][number] => ({
  ...{ id, kind, text, by: 'ana', at: instant(fromMinute), fromMinute, untilMinute },
  until: untilMinute === null ? null : instant(untilMinute),
})

const ANNOTATIONS = [
  told('n1', 'deploy', 'Checkout 2.0', 10 * 60 + 12),
  told('n2', 'promotion', 'Night lights, two for one', 13 * 60, 15 * 60),
]

export const NOTES: NotesTile = {
  ...{ day: DAY, minutes: 1_440, annotations: ANNOTATIONS, target: { revenue: '58000', orders: null } },
}

/** Words that whoever wrote them chose. */
export const NOTE_TEXTS: readonly string[] = ANNOTATIONS.map(({ text }) => text)

export const annotationsAnswer = () => ({
  annotations: ANNOTATIONS.map(({ fromMinute: _, untilMinute: __, ...one }) => one),
})

const target = (period: Target['period'], amount: string, more: Partial<Target> = {}): Target => ({
  ...{ series: 'revenue', period, from: '2011-11-01', amount, currency: 'GBP', by: 'ana', ...more },
})
const progress = (
  period: Target['period'],
  amount: string,
  more: Partial<TargetProgress>,
): TargetProgress => ({
  ...{ series: 'revenue', period, amount, first: DAY, last: DAY, before: '0', reached: '39426.18' },
  ...{ share: 0.6797, elapsedShare: 0.6056, daysLeft: 1, neededPerDay: '58000', ...more },
})

export const targetsAnswer = () => ({
  ...{ currency: 'GBP', day: DAY, now: instant(872) },
  targets: [
    target('day', '58000'),
    target('week', '300000'),
    target('month', '2000', { series: 'orders', currency: null }),
  ],
  progress: [
    progress('day', '58000', {}),
    progress('week', '300000', { reached: '305111.2', share: 1.017, neededPerDay: '0', daysLeft: 4 }),
    progress('month', '2000', {
      series: 'orders',
      reached: '1102',
      share: 0.551,
      neededPerDay: '65',
      daysLeft: 14,
    }),
  ],
})
