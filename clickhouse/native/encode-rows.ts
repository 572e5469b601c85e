/** Rows of a fixed column list as the body of one INSERT, in ClickHouse's Native format. */
import { type NativeBlock, nativeBlock } from './native-block.ts'
import type { Column } from './order-row.ts'

export interface EncodedRows {
  /** Name of the format for the end of the statement. */
  format: string
  body: Uint8Array<ArrayBuffer>
}

/** An amount that is no exact integer throws: it would be rounded money. */
export function encodeRows(columns: readonly Column[], rows: readonly object[]): EncodedRows {
  const block = nativeBlock(columns)
  pushRows(block, columns, rows)
  return { format: 'Native', body: block.finish(rows.length) }
}

export function pushRows(block: NativeBlock, columns: readonly Column[], rows: readonly object[]): void {
  for (const row of rows)
    columns.forEach(({ field }, index) => {
      block.columns[index]!.push((row as Record<string, unknown>)[field])
    })
}

/** The argument of `input('…')` for these columns. */
export function inputStructure(columns: readonly Column[]): string {
  return columns.map(({ name, type }) => `${name} ${type.replaceAll("'", "\\'")}`).join(', ')
}
