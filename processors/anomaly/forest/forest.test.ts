import fc from 'fast-check'
import { expect, it } from 'vitest'
import { errorCode } from '../../../core/runtime/errors.ts'
import { areaUnderCurve } from './area-under-curve.ts'
import { explainRow } from './explain-row.ts'
import { fitForest, growTrees, joinForests } from './fit-forest.ts'
import { type Forest, type Rows, rowCount } from './forest.ts'
import { decodeForest, encodeForest } from './forest-codec.ts'
import { averagePathLength, LENGTH_UNIT } from './path-length.ts'
import { createRowScorer, scoreRows } from './score-rows.ts'
import { seededRandom } from './seeded-random.ts'

/** A cloud, and the last rows of it far outside. */
function cloud(count: number, features: number, outliers = 0, seed = 1): Rows {
  const random = seededRandom(seed)
  const values = Float64Array.from({ length: count * features }, (_, at) => {
    const noise = random.next() + random.next() + random.next() - 1.5
    return at >= (count - outliers) * features ? 8 + noise : noise
  })
  return { values, features }
}

const anyRows = fc
  .record({ features: fc.integer({ min: 1, max: 6 }), count: fc.integer({ min: 2, max: 300 }) })
  .chain(({ features, count }) =>
    fc
      .array(
        fc.oneof(
          fc.double({ min: -1e6, max: 1e6, noNaN: true }),
          fc.constantFrom(0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1.7e308),
        ),
        { minLength: features * count, maxLength: features * count },
      )
      .map((values): Rows => ({ values: Float64Array.from(values), features })),
  )

it('has the path lengths of the paper', () => {
  expect([0, 1, 2].map(averagePathLength)).toEqual([0, 0, 1])
  expect(averagePathLength(3)).toBeCloseTo(2 * 1.5 - 4 / 3, 12)
  // 2(ln 255 + γ) − 2·255/256, the estimate that the paper uses.
  expect(averagePathLength(256)).toBeCloseTo(2 * (Math.log(255) + 0.5772156649) - 510 / 256, 2)
})

it('gives bit-identical scores in TypeScript and in WebAssembly, in (0, 1], for any rows', () => {
  fc.assert(
    fc.property(anyRows, fc.nat(), fc.constantFrom(2, 7, 64, 256), (rows, seed, sampleSize) => {
      const forest = fitForest(rows, { seed, sampleSize, trees: 10 })
      const scores = scoreRows(forest, rows, 'wasm')
      expect(scores).toEqual(scoreRows(forest, rows, 'typescript'))
      expect(scores.every((score) => score > 0 && score <= 1)).toBe(true)
    }),
    { numRuns: 40 },
  )
})

it('is the same forest and gives the same scores however many workers share the work', () => {
  const rows = cloud(5_003, 3)
  const whole = fitForest(rows, { seed: 5, trees: 30 })
  const scores = scoreRows(whole, rows)
  fc.assert(
    fc.property(fc.nat({ max: 30 }), fc.nat({ max: 5_003 }), (tree, row) => {
      const ranges = [0, tree, 30].flatMap((to, n, all) =>
        n > 0 && to > all[n - 1]! ? [[all[n - 1]!, to]] : [],
      )
      const joined = joinForests(ranges.map(([from, to]) => growTrees(rows, { seed: 5 }, from!, to!)))
      expect(Buffer.compare(encodeForest(joined), encodeForest(whole))).toBe(0)
      const split = new Float64Array(scores.length)
      createRowScorer(joined).score(rows, split, 0, row)
      createRowScorer(joined, 'typescript').score(rows, split, row)
      expect(Buffer.compare(Buffer.from(split.buffer), Buffer.from(scores.buffer))).toBe(0)
    }),
    { numRuns: 8 },
  )
})

it('does not mind another unit: a scale and a shift by powers of two change no score', () => {
  const rows = cloud(600, 4, 6)
  const before = scoreRows(fitForest(rows, { seed: 2 }), rows)
  const moved = { ...rows, values: rows.values.map((value) => value * 8) }
  expect(scoreRows(fitForest(moved, { seed: 2 }), moved)).toEqual(before)
})

it('scores a row higher the farther out it lies, up to the edge of what was seen', () => {
  const rows = cloud(2_000, 2)
  const forest = fitForest(rows, { seed: 3 })
  const steps = Array.from({ length: 40 }, (_, n) => n / 10)
  const scores = scoreRows(forest, { values: Float64Array.from(steps.flatMap((x) => [x, 0])), features: 2 })
  expect(scores[39]).toBeGreaterThan(scores[0]! + 0.15)
  // Beyond all thresholds nothing changes any more.
  expect(scores.slice(16).every((score) => score === scores[39])).toBe(true)
})

it('finds what lies outside, with any seed', () => {
  const rows = cloud(3_000, 4, 15)
  const labels = Array.from({ length: 3_000 }, (_, row) => (row >= 2_985 ? 1 : 0))
  for (const seed of [1, 2, 3])
    expect(areaUnderCurve(scoreRows(fitForest(rows, { seed }), rows), labels)).toBeGreaterThan(0.999)
})

it('isolates nobody where all rows are equal, and does not look at constant features', () => {
  const equal = { values: new Float64Array(2_000).fill(7), features: 2 }
  expect(new Set(scoreRows(fitForest(equal, { seed: 1 }), equal))).toEqual(new Set([0.5]))
  const rows = cloud(1_000, 3)
  for (let row = 0; row < 1_000; row++) rows.values[row * 3 + 1] = 4
  const { splits, thresholds } = fitForest(rows, { seed: 1, trees: 20 })
  // Feature 0 stands in padded nodes too; feature 1 nowhere.
  expect(splits.includes(1)).toBe(false)
  expect(thresholds.some((threshold) => threshold !== 0)).toBe(true)
})

it('takes a missing value for the median: nobody becomes unusual by it', () => {
  const rows = cloud(1_001, 2)
  const forest = fitForest(rows, { seed: 4 })
  const asked = Float64Array.from([Number.NaN, Number.NaN, ...forest.medians])
  const [missing, median] = scoreRows(forest, { values: asked, features: 2 })
  expect(missing).toBe(median)
  expect(missing).toBeLessThan(0.5)
  const nothing = { values: new Float64Array(20).fill(Number.NaN), features: 2 }
  expect([...fitForest(nothing, { seed: 1 }).medians]).toEqual([0, 0])
})

it('puts every step saved down to a feature, most to the one that is unusual', () => {
  const rows = cloud(2_000, 5, 0, 9)
  const forest = fitForest(rows, { seed: 6 })
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 5, maxLength: 5 }),
      (row) => {
        const { score, contributions } = explainRow(forest, row)
        const saved = contributions.reduce((sum, one) => sum + one, 0)
        const mean = forest.lengths[1]! / LENGTH_UNIT
        expect(saved).toBeCloseTo(mean + Math.log2(score) * mean, 9)
        expect(score).toBe(scoreRows(forest, { values: Float64Array.from(row), features: 5 })[0])
      },
    ),
    { numRuns: 30 },
  )
  const { contributions } = explainRow(forest, [0, 0, 6, 0, 0])
  expect(contributions.indexOf(Math.max(...contributions))).toBe(2)
})

it('comes back from its bytes as it was, and refuses other versions and damage', () => {
  const rows = cloud(500, 3)
  const forest = fitForest(rows, { seed: 8, trees: 12 })
  const bytes = encodeForest(forest)
  const again = decodeForest(bytes)
  expect(again).toEqual(forest)
  expect(scoreRows(again, rows)).toEqual(scoreRows(forest, rows))
  expect(codeOf(() => decodeForest(changed(bytes, 4, 2)))).toBe('forest_version')
  expect(codeOf(() => decodeForest(bytes.subarray(0, bytes.length - 1)))).toBe('forest_damaged')
  expect(codeOf(() => decodeForest(changed(bytes, bytes.length - 1, 3)))).toBe('forest_damaged')
  expect(codeOf(() => decodeForest(changed(bytes, 8, 200)))).toBe('forest_damaged')
  expect(codeOf(() => decodeForest(new Uint8Array(3)))).toBe('forest_damaged')
})

it('says what is wrong with its input', () => {
  const rows = cloud(50, 2)
  expect(codeOf(() => fitForest({ values: new Float64Array(2), features: 2 }, { seed: 1 }))).toBe(
    'forest_input',
  )
  expect(codeOf(() => fitForest(rows, { seed: 1, sampleSize: 1 }))).toBe('forest_input')
  expect(codeOf(() => fitForest(rows, { seed: 1, trees: 1_001 }))).toBe('forest_input')
  expect(codeOf(() => joinForests([]))).toBe('forest_input')
  const forest: Forest = fitForest(rows, { seed: 1 })
  expect(codeOf(() => scoreRows(forest, cloud(3, 3)))).toBe('forest_input')
})

it('draws each tree from its own rows, without replacement', () => {
  // 256 rows that all differ: a tree of all of them has every one alone unless the height limit comes first.
  const rows = { values: Float64Array.from({ length: 4 }, (_, row) => row), features: 1 }
  const forest = fitForest(rows, { seed: 1, trees: 50 })
  expect(rowCount(rows)).toBe(forest.sampleSize)
  // With replacement some tree would lack the 3, and let it fall together with the 2.
  const [, , two, three] = scoreRows(forest, rows)
  expect(three).toBeGreaterThan(two!)
  for (let tree = 0; tree < 50; tree++) {
    const leaves = forest.lengths.slice(tree * 8 + 4, tree * 8 + 8)
    expect(leaves.some((length) => length < LENGTH_UNIT)).toBe(false)
  }
})

it('ranks only: an area is the same under any rising transform of the scores', () => {
  const scored = fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.constantFrom(0, 1)), {
    minLength: 2,
  })
  fc.assert(
    fc.property(scored, (list) => {
      const labels = list.map(([, label]) => label)
      const area = (of: (score: number) => number) =>
        areaUnderCurve(
          list.map(([score]) => of(score)),
          labels,
        )
      expect(area((score) => score ** 3 + score)).toBe(area((score) => score))
      if (labels.includes(0) && labels.includes(1))
        expect(area((score) => -score)).toBeCloseTo(1 - area((score) => score), 12)
    }),
  )
})

it('counts ties by half', () => {
  expect(areaUnderCurve([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1)
  expect(areaUnderCurve([4, 3, 2, 1], [0, 0, 1, 1])).toBe(0)
  expect(areaUnderCurve([1, 1, 1, 1], [0, 1, 0, 1])).toBe(0.5)
  expect(areaUnderCurve([1, 2, 2, 3], [0, 0, 1, 1])).toBe(0.875)
})

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = value
  return copy
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    return errorCode(error)
  }
  return undefined
}
