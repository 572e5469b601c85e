import fc from 'fast-check'
import { expect, it } from 'vitest'
import { partitionOf } from '../../core/log/event-log.ts'
import { FingerprintPages, KeySplitter } from './key-stream.ts'
import { fingerprintOf, keyBytes, keyOf, keyText, type OrderKey, partitionOfKey } from './order-key.ts'

const key = fc.record({
  tenant: fc.string({ maxLength: 40 }),
  source: fc.string({ maxLength: 8 }),
  // Beyond 127 and 16,383 bytes a length takes another byte.
  orderId: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.constant('x'.repeat(20_000))),
})
const chunksOf = (bytes: Buffer, sizes: readonly number[]) => {
  const chunks: Buffer[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    chunks.push(bytes.subarray(at, at + sizes[i % sizes.length]!))
    at += sizes[i % sizes.length]!
  }
  return chunks
}

it('finds each key whole, wherever chunks end', () => {
  fc.assert(
    fc.property(
      fc.array(key, { maxLength: 30 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
      (keys, sizes) => {
        const found: OrderKey[] = []
        const splitter = new KeySplitter((bytes, start, end) => {
          const one = keyOf({ bytes, start, end })
          expect(partitionOfKey({ bytes, start, end }, 8)).toBe(partitionOf(keyText(one), 8))
          found.push(one)
        })
        for (const chunk of chunksOf(Buffer.concat(keys.map((one) => keyBytes(one).bytes)), sizes))
          splitter.take(chunk)
        expect(found).toEqual(keys)
        expect(splitter).toMatchObject({ count: keys.length, isAtEnd: true })
      },
    ),
  )
})

it('knows that it ended in the middle of one', () => {
  const bytes = Buffer.from(keyBytes({ tenant: 't', source: 's', orderId: 'order' }).bytes)
  for (let cut = 1; cut < bytes.length; cut++) {
    const splitter = new KeySplitter(() => {})
    splitter.take(bytes)
    splitter.take(bytes.subarray(0, cut))
    expect({ cut, count: splitter.count, isAtEnd: splitter.isAtEnd }).toEqual({
      cut,
      count: 1,
      isAtEnd: false,
    })
  }
})

it('puts fingerprints into pages, the last one as long as it is', () => {
  const keys = Array.from({ length: 7 }, (_, n) => ({ tenant: 't', source: 's', orderId: `o-${n}` }))
  const pages = new FingerprintPages(3)
  for (const one of keys) {
    const { bytes, start, end } = keyBytes(one)
    pages.add(bytes, start, end)
  }
  const full = pages.full()
  expect(full.map(({ length }) => length)).toEqual([6, 6])
  expect(pages.full()).toEqual([])
  const pairs = keys.flatMap((one) => {
    const hash = { high: 0, low: 0 }
    fingerprintOf(one, hash)
    return [hash.high, hash.low]
  })
  expect([...full, pages.rest()].flatMap((page) => [...page])).toEqual(pairs)
})
