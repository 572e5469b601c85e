import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimal, divideHalfEven, fromE4, multiplyE4, sumToE4, toE4 } from './money.ts'

const amountE4 = fc.integer({ min: -(10 ** 15) + 1, max: 10 ** 15 - 1 })

describe('money', () => {
  it('goes from text to integers and back without a loss', () => {
    fc.assert(
      fc.property(amountE4, (value) => {
        const text = fromE4(value)
        expect(decimal.safeParse(text).success).toBe(true)
        expect(toE4(text)).toBe(value)
        expect(sumToE4(text)).toBe(BigInt(value))
      }),
    )
  })

  it('is printed with two to four decimals and has no minus zero', () => {
    expect([0, 5, 125_000, -1, 12_345, -10_000].map(fromE4)).toEqual([
      '0.00',
      '0.0005',
      '12.50',
      '-0.0001',
      '1.2345',
      '-1.00',
    ])
    expect(Object.is(toE4('-0'), 0)).toBe(true)
  })

  it('rounds products half-even, as a bank does', () => {
    expect(multiplyE4(toE4('0.5'), toE4('0.0001'))).toBe(0)
    expect(multiplyE4(toE4('1.5'), toE4('0.0001'))).toBe(2)
    expect(multiplyE4(toE4('-1.5'), toE4('0.0001'))).toBe(-2)
    expect(multiplyE4(toE4('2.5'), toE4('0.0001'))).toBe(2)
    expect(multiplyE4(toE4('80995'), toE4('38970'))).toBe(80_995 * 38_970 * 10_000)
  })

  it('divides to the nearest, for any numbers', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 24n), 10n ** 24n), fc.bigInt(1n, 10n ** 6n), (dividend, divisor) => {
        const twice = 2n * (dividend - divideHalfEven(dividend, divisor) * divisor)
        expect(twice <= divisor && twice >= -divisor).toBe(true)
      }),
    )
  })
})
