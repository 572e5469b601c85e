import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ABSENT, FingerprintIndex } from './fingerprint-index.ts'
import { fingerprintOf } from './order-key.ts'

const hash = { high: 0, low: 0 }

function fingerprint(orderId: string): [high: number, low: number] {
  fingerprintOf({ tenant: 'acme', source: 'shop', orderId }, hash)
  return [hash.high, hash.low]
}

it('knows every key that was set with its number, and hardly any other', () => {
  const index = new FingerprintIndex()
  for (const round of [0, 1]) for (let i = 0; i < 200_000; i++) index.set(...fingerprint(`${i}`), i + round)
  expect(index.size).toBe(200_000)
  let right = 0
  let strangers = 0
  for (let i = 0; i < 200_000; i++) {
    if (index.get(...fingerprint(`${i}`)) === i + 1) right++
    if (index.get(...fingerprint(`${i}x`)) !== ABSENT) strangers++
  }
  expect({ right, strangers }).toEqual({ right: 200_000, strangers: 0 })
})

it('is like a map, also where fingerprints are taken out and come again', () => {
  const step = fc.tuple(fc.nat({ max: 40 }), fc.option(fc.nat({ max: 1e9 })))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 9_000, minLength: 5_000 }), (steps) => {
      const index = new FingerprintIndex()
      const map = new Map<number, number>()
      // All begin at slot 7 or 8, so that they stand in each other's way.
      for (const [key, value] of steps) {
        index.set(key + 1, 7 + (key % 2), value ?? ABSENT)
        if (value === null) map.delete(key)
        else map.set(key, value)
      }
      for (let key = 0; key <= 40; key++)
        expect(index.get(key + 1, 7 + (key % 2))).toBe(map.get(key) ?? ABSENT)
      expect(index.size).toBe(map.size)
    }),
    { numRuns: 10 },
  )
})

it('tells apart what differs in one letter, and spreads over all slots', () => {
  const low = new Set<number>()
  for (let i = 0; i < 10_000; i++) low.add(fingerprint(`${i}`)[1] & 0xfff)
  expect(low.size).toBeGreaterThan(3_500)
  expect(fingerprint('12')).not.toEqual(fingerprint('21'))
  expect(fingerprint('')).not.toEqual([0, 0])
})
