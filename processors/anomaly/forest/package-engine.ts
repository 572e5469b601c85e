/**
 * The npm package `isolation-forest` (0.0.9) behind our interface. It is loaded when it is asked for, as it need not be
 * installed. It wants an object a row and draws from Math.random, so it is bounded and cannot be seeded.
 */
import { RevwallError } from '../../../core/runtime/errors.ts'
import type { AnomalyEngine } from './engine.ts'
import { mediansOf } from './fit-forest.ts'
import { plainValue, type Rows, rowCount } from './forest.ts'

/** Every one of its trees is grown from all rows, as objects: a hundred thousand of them took seven seconds to fit. */
export const MAX_PACKAGE_ROWS = 10_000
export const PACKAGE_NAME: string = 'isolation-forest'

export type PackageRow = Record<string, number>

/** What the package exports, as far as it is used. */
export interface PackageModule {
  IsolationForest: new (
    trees?: number,
    sampleSize?: number,
  ) => {
    fit(rows: PackageRow[]): unknown
    predict(rows: PackageRow[]): number[]
  }
}

export function createPackageEngine(
  load: () => Promise<unknown> = () => import(PACKAGE_NAME),
): AnomalyEngine {
  return {
    name: 'isolation-forest',
    isSeeded: false,
    maxRows: MAX_PACKAGE_ROWS,
    fit: async (rows, { trees, sampleSize }) => {
      checkSize(rows)
      const { IsolationForest } = await loadPackage(load)
      const columns = columnsOf(rows)
      const forest = new IsolationForest(trees, Math.min(sampleSize, rowCount(rows)))
      forest.fit(packageRows(rows, columns))
      return {
        score: (asked) => {
          checkSize(asked)
          return Float64Array.from(forest.predict(packageRows(asked, columns)))
        },
      }
    },
  }
}

/** Throws RevwallError `engine_missing` where it is not installed. */
export async function loadPackage(
  load: () => Promise<unknown> = () => import(PACKAGE_NAME),
): Promise<PackageModule> {
  const loaded = await load().catch((cause: unknown) => {
    const message = `the engine ${PACKAGE_NAME} is not installed: npm install it, or choose the engine own`
    throw new RevwallError('engine_missing', message, { cause })
  })
  const found = loaded as Partial<PackageModule> & { default?: Partial<PackageModule> }
  const IsolationForest = found.IsolationForest ?? found.default?.IsolationForest
  if (IsolationForest === undefined)
    throw new RevwallError(
      'engine_missing',
      `the installed ${PACKAGE_NAME} exports no IsolationForest: install 0.0.9`,
    )
  return { IsolationForest }
}

/** A feature that it is shown, and what a missing value of it is taken for. */
interface Column {
  feature: number
  median: number
}

/**
 * Features that differ within the fit; all of them where none does. It would cut by the others too: such a cut parts
 * nothing and still uses up a step of the height limit, so that rows of many constant features all score alike.
 */
function columnsOf(rows: Rows): Column[] {
  const { values, features } = rows
  const medians = mediansOf(
    rows,
    Uint32Array.from({ length: rowCount(rows) }, (_, row) => row),
  )
  const columns = Array.from(medians, (median, feature) => ({ feature, median }))
  const varied = columns.filter(({ feature, median }) => {
    for (let at = feature; at < values.length; at += features)
      if (plainValue(values[at]!, median) !== median) return true
    return false
  })
  return varied.length === 0 ? columns : varied
}

/** An object a row. */
function packageRows({ values, features }: Rows, columns: readonly Column[]): PackageRow[] {
  return Array.from({ length: values.length / features }, (_, row) =>
    Object.fromEntries(
      columns.map(({ feature, median }) => [
        `x${feature}`,
        plainValue(values[row * features + feature]!, median),
      ]),
    ),
  )
}

function checkSize(rows: Rows): void {
  if (rowCount(rows) > MAX_PACKAGE_ROWS)
    throw new RevwallError(
      'engine_limit',
      `the engine ${PACKAGE_NAME} takes ${MAX_PACKAGE_ROWS} rows at once, not ${rowCount(rows)}: choose own`,
    )
}
