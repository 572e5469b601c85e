import { expect, it } from 'vitest'
import { minimise } from './minimise.ts'

it('finds the bottom of Rosenbrock’s valley', () => {
  const found = minimise(
    ([x = 0, y = 0], gradient) => {
      gradient.set([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])
      return (1 - x) ** 2 + 100 * (y - x * x) ** 2
    },
    [-1.2, 1],
    1e-8,
  )
  expect(found.hasConverged).toBe(true)
  expect(found.point[0]).toBeCloseTo(1, 6)
  expect(found.point[1]).toBeCloseTo(1, 6)
})

it('steps back from where there is no value', () => {
  const found = minimise(
    ([x = 0], gradient) => {
      gradient[0] = 1 - 1 / x
      return x - Math.log(x)
    },
    [0.01],
    1e-10,
  )
  expect(found.point[0]).toBeCloseTo(1, 9)
})

it('ends, and says so, where there is no bottom', () => {
  const found = minimise(
    ([x = 0], gradient) => {
      gradient[0] = -1
      return -x
    },
    [0],
    1e-8,
  )
  expect(found.hasConverged).toBe(false)
  expect(found.evaluations).toBeLessThan(600)
})
