import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toE4 } from '../money.ts'
import { type OrderEvent, orderEvent } from '../order.ts'
import { anyOrder } from '../testing/any-order.ts'
import { crc32 } from './crc32.ts'
import { decodeScanned } from './decode-order.ts'
import { encodeCompactOrder } from './encode-order.ts'
import { CompactScan } from './scan-order.ts'

function decoded(bytes: Uint8Array): OrderEvent {
  const scan = new CompactScan()
  expect(scan.read(bytes, 0, bytes.length)).toBeUndefined()
  return orderEvent.parse(decodeScanned(scan))
}

/** What the compact form does not tell apart: digits behind the point, and texts that are empty or absent. */
function plain(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item))
  if (value !== null && typeof value === 'object') {
    const isLine = 'unitPrice' in value
    return Object.fromEntries(
      Object.entries(value)
        .filter(([field]) => !(isLine && field === 'amount'))
        .map(([field, item]) => [field, plain(item, field)]),
    )
  }
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) && key !== 'id' && key !== 'orderId')
    return toE4(value)
  return value === '' && key !== 'name' && key !== 'system' ? null : value
}

describe('the compact form of an order', () => {
  it('gives back every order', () => {
    fc.assert(
      fc.property(anyOrder, (event) => {
        const back = decoded(encodeCompactOrder(event))
        expect(plain(back)).toEqual(plain(event))
        expect(Buffer.from(encodeCompactOrder(back)).equals(encodeCompactOrder(event))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('is the same for events that mean the same', () => {
    const event = fc.sample(anyOrder, { numRuns: 1, seed: 7 })[0]!
    const line = { sku: 'a', name: 'b', category: null, quantity: '3', unitPrice: '1.5', unitCost: null }
    const one = { ...event, region: '', lines: [{ ...line, amount: '4.50' }] }
    const other = { ...event, region: null, lines: [{ ...line, amount: null, unitPrice: '1.50' }] }
    expect(Buffer.from(encodeCompactOrder(one)).equals(encodeCompactOrder(other))).toBe(true)
  })

  it('notices every byte that is changed and every byte that is missing', () => {
    const [event] = fc.sample(anyOrder, { numRuns: 1, seed: 11 })
    const bytes = encodeCompactOrder(event!)
    const scan = new CompactScan()
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes)
      changed[at]! ^= 1 << (at % 8)
      expect(scan.read(changed, 0, changed.length)).toMatch(/schema|checksum/)
      expect(scan.read(bytes, 0, at)).toMatch(/schema|checksum|cut off/)
    }
  })

  it('reads no byte beyond its end, whatever a record claims', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        const bytes = Uint8Array.from([1, 0, 0, 0, 0, ...noise])
        const crc = crc32(bytes, 5, bytes.length)
        for (let i = 0; i < 4; i++) bytes[1 + i] = crc >>> (8 * i)
        const scan = new CompactScan()
        if (scan.read(bytes, 0, bytes.length) !== undefined) return
        try {
          orderEvent.safeParse(decodeScanned(scan))
        } catch (error) {
          expect(error).toSatisfy((e) => e instanceof TypeError || e instanceof RangeError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

it('has the CRC that everybody has', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(crc32(bytes, 0, bytes.length)).toBe(zlibCrc32(bytes))
    }),
  )
})
