import { expect, it } from 'vitest'
import { digamma, hypergeometric2F1, lnGamma } from './special-functions.ts'

/** Relative, to a few units of rounding. */
function expectNear(value: number, wanted: number): void {
  expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(wanted)))
}

it('lnGamma is that of factorials, of a half, and of small and large arguments', () => {
  expectNear(lnGamma(11), Math.log(3_628_800))
  expectNear(lnGamma(0.5), Math.log(Math.sqrt(Math.PI)))
  expectNear(lnGamma(1), 0)
  expectNear(lnGamma(1e-3), 6.907178885383853)
  expectNear(lnGamma(1e6), 12_815_504.569147611)
  for (const x of [0.01, 0.7, 3.3, 7.9, 8.1, 50]) expectNear(lnGamma(x + 1) - lnGamma(x), Math.log(x))
})

it('digamma is minus Euler’s constant at 1, and the slope of lnGamma', () => {
  expectNear(digamma(1), -0.5772156649015329)
  expectNear(digamma(0.25), -4.227453533376265)
  for (const x of [0.01, 0.7, 3.3, 7.9, 8.1, 50]) expectNear(digamma(x + 1) - digamma(x), 1 / x)
})

it('hypergeometric2F1 is the elementary function where it is one', () => {
  for (const z of [0.01, 0.3, 0.75, 0.99, -0.5, -1, -8]) {
    expectNear(hypergeometric2F1(1, 1, 2, z), -Math.log1p(-z) / z)
    expectNear(hypergeometric2F1(0.3, 1.7, 1.7, z), (1 - z) ** -0.3)
  }
  expectNear(hypergeometric2F1(0.5, 0.5, 1.5, 0.64), Math.asin(0.8) / 0.8)
  // A numerator of −2 ends the series after three terms.
  expectNear(hypergeometric2F1(-2, 3, 5, 0.5), 1 - (2 * 3 * 0.5) / 5 + (2 * 3 * 4 * 0.25) / (2 * 5 * 6))
})

it('hypergeometric2F1 says so where the series does not settle', () => {
  expect(hypergeometric2F1(2, 2, 1, 1 - 1e-9)).toBeNaN()
})
