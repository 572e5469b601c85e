import { expect, it } from 'vitest'
import { moveMatrix } from './segment-moves.ts'
import { segmentName } from './segment-names.ts'
import { NO_SEGMENTS_VIEW, rangeQuery, readSegmentsView, writeSegmentsView } from './segments-panel.ts'

const LABELS = ['a', 'b', 'c'].map((id) => ({ id, en: `${id} in English`, pt: `${id} em português` }))

it('stands in the address as far as it is not usual', () => {
  const view = readSegmentsView('?panel=segments&tab=moves&mode=rules&measure=revenue&span=90')
  expect(view).toEqual({ tab: 'moves', mode: 'rules', measure: 'revenue', span: 90 })
  expect(writeSegmentsView(view)).toEqual({ tab: 'moves', mode: 'rules', measure: 'revenue', span: '90' })
  const usual = readSegmentsView('?tab=x&mode=y&measure=z&span=8')
  expect(usual).toEqual({ tab: 'now', mode: null, measure: 'customers', span: 30 })
  expect(writeSegmentsView(usual)).toEqual(NO_SEGMENTS_VIEW)
})

it('asks for days up to today', () => {
  expect(rangeQuery(7, '2011-03-02')).toBe('?from=2011-02-24&to=2011-03-02')
})

it('calls a segment as the api does, and by its id what the api does not know any more', () => {
  expect(segmentName(LABELS, 'b')).toBe('b in English')
  expect(segmentName(LABELS, 'former')).toBe('former')
})

it('has a row and a column for each segment that somebody left or entered, none last', () => {
  const moves = [
    { from: 'c', to: 'a', customers: 10, revenue: '1' },
    { from: null, to: 'a', customers: 1, revenue: '1' },
    { from: 'former', to: 'c', customers: 5, revenue: '1' },
  ]
  const { segments, rows, total } = moveMatrix({ moves, labels: LABELS })
  expect(segments).toEqual(['a', 'c', 'former', null])
  expect(total).toBe(16)
  expect(rows.map(({ cells }) => cells.map(({ customers }) => customers))).toEqual([
    [0, 0, 0, 0],
    [10, 0, 0, 0],
    [0, 5, 0, 0],
    [1, 0, 0, 0],
  ])
  expect(rows.map(({ cells }) => Math.max(...cells.map(({ shade }) => shade)))).toEqual([0, 5, 3, 1])
  expect(moveMatrix({ moves: [], labels: LABELS })).toEqual({ segments: [], rows: [], total: 0 })
})
