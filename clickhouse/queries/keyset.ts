/**
 * Pages by key: the next page begins behind the last row of this one, wherever that row stands by then. Rows that come in
 * meanwhile neither push rows onto the next page again nor off it.
 */
export interface Keyset {
  /** Value of the column that the list is sorted by, as ClickHouse prints it. */
  value: string
  /** What tells rows of one value apart, ascending. */
  keys: string[]
}

/** A page, and where the next one begins: null on the last. */
export interface Page<Row> {
  rows: Row[]
  next: Keyset | null
}

/** One row more than the page was asked for, which says that there is a next page. */
export function pageOf<Row>(rows: readonly Row[], limit: number, keysetOf: (row: Row) => Keyset): Page<Row> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { rows: shown, next: rows.length > limit && last !== undefined ? keysetOf(last) : null }
}
