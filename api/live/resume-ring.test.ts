import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TileName } from '../../core/contracts/tiles.ts'
import { createResumeRing, MAX_RING_FRAMES, RING_MS } from './resume-ring.ts'

function ringOf(frames: readonly (readonly TileName[])[], everyMs = 100) {
  const ring = createResumeRing()
  for (const [i, names] of frames.entries()) ring.push(i + 1, names, i * everyMs)
  return { ring, nowMs: (frames.length - 1) * everyMs }
}

test('tells all that differed since, and nothing for whoever has the newest', () => {
  const { ring, nowMs } = ringOf([['hero', 'chart'], ['hero'], ['products'], ['hero', 'latest']])
  expect(ring.since(1, nowMs)).toEqual(new Set(['hero', 'products', 'latest']))
  expect(ring.since(3, nowMs)).toEqual(new Set(['hero', 'latest']))
  expect(ring.since(4, nowMs)).toEqual(new Set())
})

test('does not tell what it never knew, or knows no more', () => {
  const { ring, nowMs } = ringOf([['hero'], ['chart'], ['hero']])
  expect(ring.since(9, nowMs)).toBeUndefined()
  expect(ring.since(1, RING_MS + 99)).toEqual(new Set(['chart', 'hero']))
  expect(ring.since(1, RING_MS + 101)).toBeUndefined()
  expect(ring.since(2, RING_MS + 101)).toEqual(new Set(['hero']))
  // Where nothing has differed for long, whoever has the newest still has it all.
  expect(ring.since(3, 10 * RING_MS)).toEqual(new Set())
  expect(ring.since(2, 10 * RING_MS)).toBeUndefined()
})

test('keeps so many frames and no more', () => {
  const { ring, nowMs } = ringOf(
    Array.from({ length: MAX_RING_FRAMES + 5 }, () => ['hero' as const]),
    1,
  )
  expect(ring.since(4, nowMs)).toBeUndefined()
  expect(ring.since(5, nowMs)).toEqual(new Set(['hero']))
})

test('what it tells brings an old state to the newest, whichever frames there were', () => {
  const names: TileName[] = ['hero', 'chart', 'products', 'latest', 'health']
  const frame = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 })
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 40 }), fc.nat(), (frames, pick) => {
      const { ring, nowMs } = ringOf(frames)
      const states: Record<string, number>[] = [{}]
      for (const [i, each] of frames.entries())
        states.push({ ...states.at(-1), ...Object.fromEntries(each.map((name) => [name, i + 1])) })
      const from = pick % states.length
      const newest = states.at(-1)!
      const missed = [...ring.since(from, nowMs)!].map((name) => [name, newest[name]] as const)
      expect({ ...states[from], ...Object.fromEntries(missed) }).toEqual(newest)
    }),
  )
})
