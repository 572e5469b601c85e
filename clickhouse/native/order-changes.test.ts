import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { migrate } from '../migrations/migrate.ts'
import { uncommented } from '../migrations/uncommented.ts'
import { decodeChangeRow } from './decode-row.ts'
import { encodeRows } from './encode-rows.ts'
import { guardedInsert } from './guarded-insert.ts'
import { markKey } from './mark-key.ts'
import { type ChangeRow, type Column, emptyOrderRow, ORDER_CHANGES_COLUMNS } from './order-row.ts'
import { quoteString } from './quote-string.ts'

const DATABASE = 'revwall_r1'
let test: TestEngine

beforeAll(async () => {
  test = await startTestEngine()
  await migrate(test.warehouse, { database: DATABASE })
})
afterAll(() => test?.stop())

function markRow(partition: number, first: number, last: number): ChangeRow {
  const row = Object.fromEntries(
    ORDER_CHANGES_COLUMNS.map((c) => [c.field, emptyValue(c)]),
  ) as unknown as ChangeRow
  const order = emptyOrderRow('', 'orders', markKey(partition, first))
  return {
    ...row,
    ...order,
    topic: 'orders',
    partition,
    offset: last,
    markFirst: first,
    markLast: last,
    takenAt: 1e12,
  }
}

function emptyValue({ array, kind }: Column): unknown {
  if (array) return []
  return kind === 'string' ? '' : kind.startsWith('nullable') ? null : 0
}

/** Each list cut to the shortest of its columns. */
function withParallelLists(row: ChangeRow): ChangeRow {
  const lists = ORDER_CHANGES_COLUMNS.filter(({ array }) => array)
  const lengthOf = ({ field }: Column) => (row[field] as unknown[]).length
  const cut = lists.map((column) => {
    const shortest = Math.min(...lists.filter(({ list }) => list === column.list).map(lengthOf))
    return [column.field, (row[column.field] as unknown[]).slice(0, shortest)]
  })
  return { ...row, ...Object.fromEntries(cut) }
}

function write(
  partition: number,
  from: { first: number; last: number },
  first: number,
  last: number,
  rows: ChangeRow[] = [],
) {
  const { sql, body, ...rest } = guardedInsert({
    database: DATABASE,
    run: 'r1',
    topic: 'orders',
    partition,
    lastMarkFirst: from.first,
    mark: from.last,
    body: encodeRows(ORDER_CHANGES_COLUMNS, [...rows, markRow(partition, first, last)]).body,
  })
  return test.warehouse.insert(sql, body, rest)
}

const count = async (where: string) => {
  const [row] = await test.warehouse.query<{ n: string }>(
    `SELECT count() AS n FROM ${DATABASE}.order_changes WHERE ${where}`,
  )
  return Number(row!.n)
}

describe('order_changes', () => {
  it('has the columns of the code, in its order and with its types', async () => {
    const columns = await test.warehouse.query<{ name: string; type: string }>(
      `SELECT name, type FROM system.columns WHERE database = '${DATABASE}' AND table = 'order_changes' ORDER BY position`,
    )
    expect(columns).toEqual(ORDER_CHANGES_COLUMNS.map(({ name, type }) => ({ name, type })))
  })

  it('explains every table and column', async () => {
    expect(await uncommented(test.warehouse, DATABASE)).toEqual([])
  })

  it('gives back every value that was written, to the last digit', async () => {
    const one: Record<Column['kind'], fc.Arbitrary<unknown>> = {
      string: fc
        .string({ unit: 'binary', maxLength: 20 })
        .filter((text) => Buffer.from(text).toString() === text),
      int: fc.integer({ min: 0, max: 100 }),
      decimal: fc.integer({ min: -(10 ** 15), max: 10 ** 15 }),
      'nullable-decimal': fc.option(fc.integer({ min: -(10 ** 15), max: 10 ** 15 })),
      instant: fc.integer({ min: 0, max: 4e12 }),
      'nullable-instant': fc.option(fc.integer({ min: 0, max: 4e12 })),
      day: fc.integer({ min: 0, max: 60_000 }),
    }
    const fields = ORDER_CHANGES_COLUMNS.map((c) => [
      c.field,
      c.array ? fc.array(one[c.kind], { maxLength: 3 }) : one[c.kind],
    ])
    const sampled = fc.sample(fc.record(Object.fromEntries(fields)), 200) as unknown as ChangeRow[]
    const rows = sampled.map(withParallelLists)
    await test.warehouse.command(`CREATE TABLE ${DATABASE}.copy AS ${DATABASE}.order_changes ENGINE = Memory`)
    const { format, body } = encodeRows(
      ORDER_CHANGES_COLUMNS,
      rows.map((row, offset) => ({ ...row, offset })),
    )
    await test.warehouse.insert(`INSERT INTO ${DATABASE}.copy FORMAT ${format}`, body, { queryId: 'copy' })
    const read = await test.warehouse.query<Record<string, unknown>>(
      `SELECT * FROM ${DATABASE}.copy ORDER BY offset`,
    )
    expect(read.map(decodeChangeRow)).toEqual(rows.map((row, offset) => ({ ...row, offset })))
    await test.warehouse.command(`DROP TABLE ${DATABASE}.copy`)
  })

  it('refuses lists that are not as long as each other, in any row', () => {
    const told = { lineSku: ['a', 'b'], lineName: ['A'] }
    const other = { lineSku: ['a'], lineName: ['A', 'B'] }
    const rows = [told, other].map((lists) => ({ ...markRow(0, 0, 0), ...lists }))
    expect(() => encodeRows(ORDER_CHANGES_COLUMNS, rows)).toThrow(
      'a list of 2 items has 1 in one of its columns',
    )
    expect(() => encodeRows(ORDER_CHANGES_COLUMNS, [{ ...markRow(0, 0, 0), lineName: ['A'] }])).toThrow(
      'a list of 0 items has 1 in one of its columns',
    )
  })

  it('refuses an amount that is no exact integer', () => {
    expect(() => encodeRows(ORDER_CHANGES_COLUMNS, [{ ...markRow(0, 0, 0), gross: 0.5 }])).toThrow(
      /no exact amount/,
    )
  })
})

describe('the guard', () => {
  it('lets a batch land on the mark it was computed from, and no other', async () => {
    await write(0, { first: 0, last: -9 }, 0, -1)
    await write(0, { first: 0, last: -1 }, 0, 9)
    await expect(write(0, { first: 0, last: -1 }, 0, 9)).rejects.toMatchObject({
      code: 'CLICKHOUSE_395',
      message: /fenced/,
    })
    await expect(write(0, { first: 0, last: 5 }, 6, 9)).rejects.toMatchObject({ code: 'CLICKHOUSE_395' })
    await write(0, { first: 0, last: 9 }, 10, 10)
    expect(await count('partition = 0')).toBe(3)
  })

  it('keeps partitions apart, number 1 and number 10 too', async () => {
    await write(1, { first: 0, last: -9 }, 0, -1)
    await write(10, { first: 0, last: -9 }, 0, -1)
    await write(10, { first: 0, last: -1 }, 0, 99)
    await write(1, { first: 0, last: -1 }, 0, 4)
    expect(await count('partition IN (1, 10)')).toBe(4)
  })

  it('writes one part a batch', async () => {
    await write(2, { first: 0, last: -9 }, 0, -1)
    await test.warehouse.command(`SYSTEM STOP MERGES ${DATABASE}.order_changes`)
    const parts = async () => {
      const [row] = await test.warehouse.query<{ n: string }>(
        `SELECT count() AS n FROM system.parts WHERE active AND database = '${DATABASE}' AND table = 'order_changes'`,
      )
      return Number(row!.n)
    }
    const before = await parts()
    const rows = Array.from({ length: 20_000 }, (_, i) => ({
      ...markRow(2, 0, 0),
      tenant: 'acme',
      source: 'shop',
      orderId: `${i}`,
      revision: 1,
      sign: 1,
    }))
    await write(2, { first: 0, last: -1 }, 0, 19_999, rows)
    expect(await parts()).toBe(before + 1)
    await test.warehouse.command(`SYSTEM START MERGES ${DATABASE}.order_changes`)
  })

  it('lets one of many writers of the same step through', async () => {
    await write(3, { first: 0, last: -9 }, 0, -1)
    for (let round = 0; round < 8; round++) {
      const from = { first: 0, last: round * 10 - 1 }
      const results = await Promise.allSettled(
        [1, 2, 3].map(() => write(3, from, round * 10, round * 10 + 9)),
      )
      expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(1)
    }
    expect(await count('partition = 3')).toBe(9)
  })

  it('waits while a barrier is open', async () => {
    await write(4, { first: 0, last: -9 }, 0, -1)
    const barrier = (state: number, seconds: number) =>
      test.warehouse.command(
        `INSERT INTO ${DATABASE}.barriers VALUES ('b', 'test', ${state}, now64(3), now64(3) + toIntervalSecond(${seconds}))`,
      )
    await barrier(1, 60)
    await expect(write(4, { first: 0, last: -1 }, 0, 0)).rejects.toMatchObject({ message: /barrier/ })
    await barrier(-1, 60)
    await write(4, { first: 0, last: -1 }, 0, 0)
  })
})

it('quotes any string', async () => {
  for (const text of ["it's", 'a\\b', "\\'", '; DROP TABLE x', 'é\n\t']) {
    expect(await test.warehouse.query(`SELECT ${quoteString(text)} AS x`)).toEqual([{ x: text }])
  }
})
