import { expect, it } from 'vitest'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { partitionOf } from '../../core/log/event-log.ts'
import { keyBytes, keyText } from './order-key.ts'
import { readFingerprints } from './read-base.ts'

const KEYS = Array.from({ length: 60_000 }, (_, n) => ({ tenant: 't', source: 's', orderId: `SO-${n}` }))
const BYTES = Buffer.concat(KEYS.map((key) => keyBytes(key).bytes))

/** Says that it has so many, and sends these bytes. */
async function read(orders: number, bytes: Uint8Array, grownTo?: number): Promise<number[]> {
  const warehouse: Warehouse = {
    query: async <Row>() => [{ orders: String(orders) }] as Row[],
    stream: async function* () {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
    },
    command: async () => {},
    insert: async () => {},
    close: async () => {},
  }
  const scope = { warehouse, database: 'd', topic: 'orders', partition: 1, grownTo }
  const pages: number[] = []
  for await (const page of readFingerprints(scope, 9, new AbortController().signal))
    pages.push(page.length / 2)
  return pages
}

it('reads all orders in pages', async () => {
  expect(await read(60_000, BYTES)).toEqual([25_000, 25_000, 10_000])
  expect(await read(0, new Uint8Array(0))).toEqual([0])
})

it('keeps those that are of the partition since the topic has grown', async () => {
  const own = KEYS.filter((key) => partitionOf(keyText(key), 4) === 1).length
  expect(await read(60_000, BYTES, 4)).toEqual([own])
  // Others may have come to other partitions since it was counted.
  expect(await read(59_000, BYTES, 4)).toEqual([own])
})

it('takes fewer orders than the table has for no answer: one that is missing would be a new one', async () => {
  const cut = BYTES.length - 3
  for (const [orders, bytes, grownTo] of [
    [60_001, BYTES],
    [59_999, BYTES],
    [60_000, BYTES.subarray(0, cut)],
    [59_999, BYTES.subarray(0, cut)],
    [60_001, BYTES, 4],
    [59_999, BYTES.subarray(0, cut), 4],
  ] as const)
    await expect(read(orders, bytes, grownTo)).rejects.toMatchObject({ code: 'CLICKHOUSE_UNREACHABLE' })
})
