/** Customers by segment as the api would tell of them: now in any division, by day, and who moved. */
import { SEGMENT_MODES, type SegmentChoice } from '../../core/segments/segment-modes.ts'
import { DEFAULT_SEGMENT_RULES } from '../../core/segments/segment-rules.ts'

export const LABELS = SEGMENT_MODES.default.segments
const AT = '2011-11-17T14:32:05Z'
const TODAY = '2011-11-17'
const LIVE = { currency: 'GBP', mode: 'default', version: null, live: 'default', labels: LABELS }

export function segmentsAnswer(query: URLSearchParams): object {
  const mode = (query.get('mode') ?? 'default') as SegmentChoice
  const labels = mode === 'rules' ? DEFAULT_SEGMENT_RULES.segments : SEGMENT_MODES[mode].segments
  const segments = labels.map(({ id }, at) => ({
    ...{ segment: id, customers: 640 - at * 51, revenue: String(912_345.67 / (at + 1) ** 2) },
  }))
  return {
    ...{ ...LIVE, mode, labels, version: mode === 'rules' ? 1 : null, from: TODAY, to: TODAY, segments },
    moves: [
      { from: 'lost', to: 'champions', customers: 3, revenue: '50' },
      { from: null, to: 'new', customers: 1, revenue: '20' },
    ],
    absence: null,
    sql: 'SELECT segment, count()\nFROM revwall.v1_customer_segments',
    functionSql:
      mode === 'rules' ? 'CREATE FUNCTION revwall_segment_v1 AS (recency, frequency, monetary) -> …' : null,
  }
}

export function segmentDaysAnswer(query: URLSearchParams): object {
  const to = query.get('to') ?? TODAY
  const from = query.get('from') ?? to
  const count = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1
  const days = Array.from({ length: count }, (_, at) =>
    new Date(Date.parse(from) + at * 86_400_000).toISOString().slice(0, 10),
  )
  return {
    ...{ ...LIVE, from, to },
    days: days.flatMap((day, nth) =>
      LABELS.map(({ id }, at) => ({
        ...{ day, segment: id, at: AT, customers: 640 - at * 51 + ((nth * (at + 3)) % 29) },
        revenue: String(912_345.67 / (at + 1) ** 2 + nth * 310.5),
      })),
    ),
    absence: null,
    sql: 'SELECT day, segment\nFROM revwall.v1_segment_days',
  }
}

export function segmentMovesAnswer(query: URLSearchParams): object {
  const moves = LABELS.flatMap(({ id }, at) => [
    { from: id, to: LABELS[(at + 3) % LABELS.length]!.id, customers: 40 - at, revenue: '1200.5' },
    { from: id, to: LABELS[(at + 7) % LABELS.length]!.id, customers: 3 + at, revenue: '300' },
  ])
  const last = LABELS.map(({ id }, at) => ({
    ...{ customer: String(12_346 + at), from: id, to: LABELS[(at + 3) % LABELS.length]!.id },
    ...{ day: TODAY, at: new Date(Date.parse(AT) - at * 41_000).toISOString(), revenue: '1200.5' },
  }))
  return {
    ...{ ...LIVE, from: query.get('from'), to: query.get('to') },
    moves: [...moves, { from: null, to: 'new', customers: 12, revenue: '20' }],
    last: last.slice(0, Number(query.get('limit') ?? 20)),
    sql: 'SELECT came_from, segment, count()\nFROM revwall.v1_segment_moves',
    absence: null,
  }
}
