import { expect, it } from 'vitest'
import { FingerprintIndex, fingerprint } from './fingerprint-index.ts'

it('knows every key that was added, and hardly any other', () => {
  const index = new FingerprintIndex()
  const keys = Array.from({ length: 200_000 }, (_, i) => `acme/shop/${i}`)
  for (const key of keys) index.add(key)
  for (const key of keys) index.add(key)
  expect(index.size).toBe(keys.length)
  expect(keys.every((key) => index.has(key))).toBe(true)
  const strangers = keys.filter((key) => index.has(`${key}x`))
  expect(strangers).toEqual([])
})

it('tells apart what differs in one letter, and spreads over all slots', () => {
  const low = new Set<number>()
  for (let i = 0; i < 10_000; i++) low.add(fingerprint(`a/b/${i}`)[1] & 0xfff)
  expect(low.size).toBeGreaterThan(3_500)
  expect(fingerprint('a/b/12')).not.toEqual(fingerprint('a/b/21'))
  expect(fingerprint('')).not.toEqual([0, 0])
})
