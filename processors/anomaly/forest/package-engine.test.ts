/** Where the npm package `isolation-forest` departs from the paper, shown by runs of it. */
import { describe, expect, it } from 'vitest'
import { errorCode } from '../../../core/runtime/errors.ts'
import { areaUnderCurve } from './area-under-curve.ts'
import { type AnomalyEngine, createEngine, type FittedEngine } from './engine.ts'
import type { Rows } from './forest.ts'
import { createPackageEngine, loadPackage, MAX_PACKAGE_ROWS } from './package-engine.ts'
import { seededRandom } from './seeded-random.ts'

const OPTIONS = { trees: 100, sampleSize: 256, seed: 1 }

describe('the package isolation-forest', () => {
  it('finds plain outliers as ours does, behind the same interface', async () => {
    const rows = cloud(1_000, 10)
    const labels = Array.from({ length: 1_000 }, (_, row) => (row >= 990 ? 1 : 0))
    for (const name of ['own', 'isolation-forest'] as const) {
      const fitted = await fittedBy(createEngine(name), rows)
      const scores = fitted.score(rows)
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true)
      expect(areaUnderCurve(scores, labels), name).toBeGreaterThan(0.99)
    }
  })

  it('grows each tree from all rows, not from ψ of them as the paper does', async () => {
    const { IsolationForest } = await loadPackage()
    const forest = new IsolationForest(3, 256)
    const trees = forest.fit(
      Array.from({ length: 2_000 }, (_, row) => ({ x: row % 97, y: row % 89 })),
    ) as Tree[]
    expect(trees.map((tree) => rowsBelow(tree.rootNode))).toEqual([2_000, 2_000, 2_000])
  })

  it('therefore takes rows like all others for ever more ordinary as the batch grows; ours does not', async () => {
    const shift = async (name: 'own' | 'isolation-forest'): Promise<number> => {
      const [few, many] = await Promise.all([256, 4_000].map((count) => meanScore(name, count)))
      return many! - few!
    }
    expect(Math.abs(await shift('own'))).toBeLessThan(0.02)
    // Leaves at the height limit hold n / 256 rows, whose c(n) is added, while c(ψ) divides as if they held one.
    expect(await shift('isolation-forest')).toBeLessThan(-0.05)
  })

  it('is not blinded by features that do not differ, nor by values that are missing', async () => {
    const { values, features } = cloud(600, 3)
    const wide = 11
    const blind = Float64Array.from({ length: 600 * wide }, (_, at) => {
      const [row, feature] = [Math.floor(at / wide), at % wide]
      return feature < features
        ? values[row * features + feature]!
        : feature === 9 && row < 300
          ? Number.NaN
          : 7
    })
    const rows = { values: blind, features: wide }
    const fitted = await fittedBy(createEngine('isolation-forest'), rows)
    const scores = fitted.score(rows)
    expect(Math.min(...scores.slice(597))).toBeGreaterThan(0.6)
    expect([...scores.slice(0, 597)].sort((a, b) => a - b)[298]).toBeLessThan(0.5)
    // What is missing scores as the median does.
    const spread = Float64Array.from({ length: 500 }, (_, at) => (at % 2 === 0 ? 100 + (at % 42) : at % 13))
    const known = await fittedBy(createEngine('isolation-forest'), { values: spread, features: 2 })
    const asked = [Number.NaN, 120].map((value) => ({ values: Float64Array.of(value, 5), features: 2 }))
    expect(known.score(asked[0]!)).toEqual(known.score(asked[1]!))
    const alike = { values: new Float64Array(20).fill(3), features: 2 }
    expect((await fittedBy(createEngine('isolation-forest'), alike)).score(alike)).toHaveLength(10)
  })

  it('cannot be seeded: the same rows score otherwise each time', async () => {
    const rows = cloud(300, 3)
    const twice = async (name: 'own' | 'isolation-forest') =>
      Promise.all([1, 2].map(async () => [...(await fittedBy(createEngine(name), rows)).score(rows)]))
    const [own, ownAgain] = await twice('own')
    expect(own).toEqual(ownAgain)
    const [theirs, theirsAgain] = await twice('isolation-forest')
    expect(theirs).not.toEqual(theirsAgain)
  })
})

it('says what to do where the package is missing, is another one, or is asked for too much', async () => {
  const rows = cloud(10, 0)
  const missing = createPackageEngine(async () => Promise.reject(new Error('not found')))
  expect(await codeOf(fittedBy(missing, rows))).toBe('engine_missing')
  expect(
    await codeOf(
      fittedBy(
        createPackageEngine(async () => ({})),
        rows,
      ),
    ),
  ).toBe('engine_missing')
  const large = cloud(MAX_PACKAGE_ROWS + 1, 0)
  expect(await codeOf(fittedBy(createPackageEngine(), large))).toBe('engine_limit')
})

interface Tree {
  rootNode: TreeNode
}
interface TreeNode {
  X?: unknown[]
  leftChild?: TreeNode
  rightChild?: TreeNode
}

function rowsBelow({ X, leftChild, rightChild }: TreeNode): number {
  if (leftChild === undefined || rightChild === undefined) return X?.length ?? 0
  return rowsBelow(leftChild) + rowsBelow(rightChild)
}

function fittedBy(engine: AnomalyEngine, rows: Rows): Promise<FittedEngine> {
  return engine.fit(rows, OPTIONS)
}

async function meanScore(name: 'own' | 'isolation-forest', count: number): Promise<number> {
  const rows = cloud(count, 0)
  const scores = (await fittedBy(createEngine(name), rows)).score(rows)
  return scores.reduce((sum, score) => sum + score, 0) / scores.length
}

function cloud(count: number, outliers: number): Rows {
  const random = seededRandom(7)
  const values = Float64Array.from({ length: count * 3 }, (_, at) => {
    const noise = random.next() + random.next() + random.next()
    return at >= (count - outliers) * 3 ? noise + 9 : noise
  })
  return { values, features: 3 }
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(() => undefined, errorCode)
}
