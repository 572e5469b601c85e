import { expect, it } from 'vitest'
import { mase, naiveScale, owa, smape, wape } from './accuracy.ts'

const came = Float64Array.of(100, 50)
const said = Float64Array.of(90, 70)

it('measures as by hand', () => {
  expect(wape(came, said)).toBeCloseTo(30 / 150, 12)
  expect(smape(came, said)).toBeCloseTo((200 * (10 / 190) + 200 * (20 / 120)) / 2, 12)
  // Steps of 2, 4 and 6: 4 on the mean. Two steps apart: 6 and 10.
  const history = Float64Array.of(1, 3, 7, 13)
  expect(naiveScale(history)).toBe(4)
  expect(naiveScale(history, 2)).toBe(8)
  expect(mase(came, said, history)).toBeCloseTo(15 / 4, 12)
  expect(owa({ smape: 8, mase: 3 }, { smape: 10, mase: 2 })).toBeCloseTo((0.8 + 1.5) / 2, 12)
})

it('leaves out what is missing, and does not call nothing good', () => {
  expect(wape(Float64Array.of(100, Number.NaN), said)).toBeCloseTo(0.1, 12)
  expect(wape(Float64Array.of(0), Float64Array.of(1))).toBeNaN()
  expect(smape(new Float64Array(0), new Float64Array(0))).toBeNaN()
  expect(smape(Float64Array.of(0), Float64Array.of(0))).toBe(0)
  expect(mase(came, said, Float64Array.of(5, 5, 5))).toBeNaN()
  expect(mase(came, said, Float64Array.of(5))).toBeNaN()
})
