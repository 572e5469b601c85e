/** What ClickHouse itself reads of a block, where its layout depends on what is in it. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { nativeBlock } from './native-block.ts'

let test: TestEngine
beforeAll(async () => {
  test = await startTestEngine()
  await test.warehouse.command('CREATE DATABASE IF NOT EXISTS revwall_r1')
})
afterAll(() => test?.stop())

async function insert(table: string, body: Uint8Array): Promise<void> {
  await test.warehouse.insert(`INSERT INTO revwall_r1.${table} FORMAT Native`, body, { queryId: table })
}

it('a dictionary of any size: the empty text is its first entry, indexes are as wide as they must be', async () => {
  await test.warehouse.command(
    'CREATE TABLE revwall_r1.texts (n Int64, v LowCardinality(String)) ENGINE = Memory',
  )
  const block = nativeBlock([
    { name: 'n', type: 'Int64' },
    { name: 'v', type: 'LowCardinality(String)' },
  ])
  for (const distinct of [1, 255, 256, 65_535, 65_536, 70_000, 3]) {
    for (let n = 0; n < distinct + 2; n++) {
      block.columns[0]!.push(n)
      block.columns[1]!.push(`text ${n % distinct}`)
    }
    await insert('texts', block.finish(distinct + 2))
    const [row] = await test.warehouse.query<{ rows: string; wrong: string }>(
      `SELECT count() AS rows, countIf(v != concat('text ', toString(n % ${distinct}))) AS wrong FROM revwall_r1.texts`,
    )
    expect({ distinct, ...row }).toEqual({ distinct, rows: String(distinct + 2), wrong: '0' })
    await test.warehouse.command('TRUNCATE TABLE revwall_r1.texts')
  }
})

it('whole numbers to the last digit, on both sides of each half', async () => {
  const edges = [0, -1, 1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32, -(2 ** 32)]
  const numbers = [...edges, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
  await test.warehouse.command('CREATE TABLE revwall_r1.numbers (n Int64, s Int8) ENGINE = Memory')
  const block = nativeBlock([
    { name: 'n', type: 'Int64' },
    { name: 's', type: 'Int8' },
  ])
  for (const number of numbers) {
    block.columns[0]!.push(number)
    block.columns[1]!.push(Math.sign(number))
  }
  await insert('numbers', block.finish(numbers.length))
  const rows = await test.warehouse.query<{ n: string; s: number }>('SELECT n, s FROM revwall_r1.numbers')
  expect(rows).toEqual(numbers.map((number) => ({ n: String(number), s: Math.sign(number) })))
})

it('columns of defaults are left out, and are there again in the next block that needs them', async () => {
  await test.warehouse.command(
    'CREATE TABLE revwall_r1.sparse (n Int64, a Array(String), m Nullable(Int64)) ENGINE = Memory',
  )
  const block = nativeBlock([
    { name: 'n', type: 'Int64' },
    { name: 'a', type: 'Array(String)' },
    { name: 'm', type: 'Nullable(Int64)' },
  ])
  const sizes: number[] = []
  for (const [n, list, maybe] of [
    [1, [], null],
    [2, ['x'], 7],
    [3, [], null],
    [4, [], 9],
  ] as const) {
    for (const [i, value] of [n, list, maybe].entries()) block.columns[i]!.push(value)
    const body = block.finish(1)
    sizes.push(body.length)
    await insert('sparse', body)
  }
  expect(sizes[0]).toBeLessThan(sizes[1]! / 2)
  expect(sizes[2]).toBe(sizes[0])
  expect(await test.warehouse.query('SELECT * FROM revwall_r1.sparse ORDER BY n')).toEqual([
    { n: '1', a: [], m: null },
    { n: '2', a: ['x'], m: '7' },
    { n: '3', a: [], m: null },
    { n: '4', a: [], m: '9' },
  ])
})
