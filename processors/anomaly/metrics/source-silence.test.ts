import { expect, it } from 'vitest'
import type { SourceState } from '../../../clickhouse/queries/source-states.ts'
import { bucketReadiness, findSilences } from './source-silence.ts'

const END = Date.parse('2024-06-11T15:00:00Z')
const DAY_MS = 86_400_000
const STATE: SourceState = {
  ...{ source: 'shop', role: 'sale', completeToMs: END, polledAtMs: END, factAtMs: null },
  ...{ mode: 'live', speed: 1, pass: null, note: '' },
}
const MARKET = { ...STATE, source: 'market' }
const moment = (wallMs: number, ended: string[] = []) => ({ wallMs, ended: new Set(ended) })
const ready = (shop: Partial<SourceState>, wallMs: number, ended: string[] = []) => {
  const found = bucketReadiness([{ ...STATE, ...shop }, MARKET], END, moment(wallMs, ended))
  return { ready: found.ready, incomplete: [...found.incomplete] }
}

it('waits for who answers and has not come to the end, five minutes at the most', () => {
  const behind = { completeToMs: END - 1 }
  expect(ready({}, END)).toEqual({ ready: true, incomplete: [] })
  expect(ready(behind, END + 1_000)).toEqual({ ready: false, incomplete: ['shop'] })
  const later = { ...behind, polledAtMs: END + 299_000 }
  expect(ready(later, END + 299_999).ready).toBe(false)
  expect(ready(later, END + 300_000)).toEqual({ ready: true, incomplete: ['shop'] })
  expect(ready({ completeToMs: null }, END + 1_000).ready).toBe(false)
})

it('does not wait for who is silent, and holds for incomplete what it feeds until it is given up', () => {
  const silent = { completeToMs: END - 60_000, polledAtMs: END - 60_000 }
  expect(ready(silent, END)).toEqual({ ready: true, incomplete: ['shop'] })
  for (const days of [1, 6.9])
    expect(ready({ ...silent, polledAtMs: END - days * DAY_MS }, END).incomplete, `${days}`).toEqual(['shop'])
  expect(ready({ ...silent, polledAtMs: END - 7 * DAY_MS }, END).incomplete).toEqual([])
})

it('asks nothing of a source that ended, of a replay, and of what sells nothing', () => {
  const behind = { completeToMs: END - 1, polledAtMs: END - DAY_MS }
  expect(ready(behind, END, ['shop']).incomplete).toEqual([])
  expect(ready({ ...behind, mode: 'replay' }, END).incomplete).toEqual([])
  expect(ready({ ...behind, role: 'campaign' }, END).incomplete).toEqual([])
})

it('tells of who is silent for long enough since somebody listens, by its own clock', () => {
  const find = (polledAtMs: number, sinceMs: number, ended: string[] = []) => {
    const states = [{ ...STATE, polledAtMs }, MARKET]
    const found = findSilences(states, moment(END, ended), { sinceMs, silentForMs: 120_000 })
    return { silent: found.silent, answering: found.answering.map(({ source }) => source) }
  }
  const told = { source: 'shop', atMs: END - 80_000 }
  expect(find(END - 200_000, 0)).toEqual({ silent: [told], answering: ['market'] })
  expect(find(END - 100_000, 0)).toEqual({ silent: [], answering: ['market'] })
  expect(find(END - 200_000, END - 100_000).silent).toEqual([])
  expect(find(END - 200_000, 0, ['shop'])).toEqual({ silent: [], answering: ['shop', 'market'] })
  expect(find(END - 7 * DAY_MS, 0).silent).toEqual([])
})
