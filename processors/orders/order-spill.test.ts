import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { OrderRow } from '../../clickhouse/native/order-row.ts'
import { encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import { orderEvent } from '../../core/contracts/order.ts'
import type { LogRecord } from '../../core/log/event-log.ts'
import { BatchComputer } from './batch-computer.ts'
import type { KnownOrder } from './known-order.ts'
import { OrderSpill } from './order-spill.ts'
import { OrderState } from './order-state.ts'
import { packBatch } from './testing/pack-batch.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'revwall-spill-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SMALL = { generationBytes: 2 ** 30, bufferBytes: 256 }

/** A chain of snapshots, the newest first, out of the middle of a batch's bytes. */
function known(texts: readonly string[]): KnownOrder {
  const [newest, ...older] = texts
  const bytes = Buffer.from(`..${newest}...`)
  const before = older.length > 0 ? known(older) : undefined
  return { bytes, start: 2, end: bytes.length - 3, version: texts.length, depth: texts.length, before }
}

function textsOf(order: KnownOrder | undefined): string[] {
  if (order === undefined) return []
  const text = Buffer.from(order.bytes.subarray(order.start, order.end)).toString()
  expect(order.depth).toBe(textsOf(order.before).length + 1)
  expect(order.version).toBe(order.depth)
  return [text, ...textsOf(order.before)]
}

it('gives back what it was given, from memory and from the file, and keeps no name on the disk', () => {
  const chain = fc.array(fc.string({ maxLength: 3_000 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(fc.array(chain, { minLength: 1, maxLength: 30 }), (chains) => {
      const spill = new OrderSpill(folder, SMALL)
      chains.forEach((texts, i) => {
        spill.put(i * 40_000 + 1, known(texts))
      })
      const found = chains.map((_, i) => textsOf(spill.get(i * 40_000 + 1) as KnownOrder))
      expect(readdirSync(folder)).toEqual([])
      expect(spill.get(2)).toBeUndefined()
      spill.close()
      expect(found).toEqual(chains)
    }),
    { numRuns: 50 },
  )
})

it('keeps rows with their exact amounts', () => {
  const spill = new OrderSpill(folder, SMALL)
  const row = { orderId: 'o-1', gross: 2n ** 62n, lineAmount: [1n, -1n], paidAt: null } as unknown as OrderRow
  spill.put(7, row)
  expect(spill.get(7)).toEqual(row)
  spill.close()
})

it('forgets the older generation, between two batches only', () => {
  const spill = new OrderSpill(folder, { generationBytes: 1_000, bufferBytes: 256 })
  const put = (number: number) => spill.put(number, known(['x'.repeat(400)]))
  for (const number of [1, 2, 3]) put(number)
  expect(textsOf(spill.get(1) as KnownOrder)).toHaveLength(1)
  spill.settle()
  for (const number of [4, 5, 6]) put(number)
  expect(spill.get(1)).toBeDefined()
  spill.settle()
  put(7)
  expect([1, 3, 4, 6, 7].map((number) => spill.get(number) !== undefined)).toEqual([
    ...[false, false],
    ...[true, true, true],
  ])
  spill.close()
})

it('has nothing where the disk takes nothing, and loses nothing of a batch that is under way', () => {
  const nowhere = new OrderSpill(join(folder, 'is-not-there'), SMALL)
  for (let number = 1; number <= 20; number++) nowhere.put(number, known(['x'.repeat(200)]))
  expect([1, 20].map((number) => textsOf(nowhere.get(number) as KnownOrder).length)).toEqual([1, 1])
  nowhere.settle()
  nowhere.put(21, known(['later']))
  expect([1, 20, 21].map((number) => nowhere.get(number))).toEqual([undefined, undefined, undefined])
})

const TENANT = { id: 'acme', name: 'A', timeZone: 'Europe/London', currency: 'GBP' }
const CONTEXT = {
  ...{ run: 'r1', topic: 'orders', partition: 0, incarnation: 'life', code: '', serverStart: 0 },
  tenants: new Map([[TENANT.id, TENANT]]),
}

/** Edits of any of many orders, whichever the ring still has. */
function record(i: number): LogRecord {
  const at = new Date(Date.UTC(2024, 2, 1) + i * 1_000).toISOString()
  const event = orderEvent.parse({
    ...{ type: 'order', schemaVersion: 1, tenant: 'acme', source: 'shop', orderId: `o-${(i * 7_919) % 300}` },
    ...{ version: i + 1, changedAt: at, placedAt: '2024-03-01T10:00:00Z', status: 'completed' },
    ...{ currency: 'GBP', lines: [], total: `${i}.00` },
    // One in five is not the ordinary kind, so that rows are spilled as well.
    ...(i % 5 === 0 ? { cancelledAt: at } : {}),
  })
  return { ...encodeOrdersEvent(event), offset: i, key: '', appendedAt: Date.UTC(2100, 0, 1) }
}

it('makes the same bytes of a batch as a ring that has everything', () => {
  const computers = [
    new OrderState(-1, 64, new OrderSpill(folder, { generationBytes: 2 ** 30, bufferBytes: 512 })),
    new OrderState(-1, 1 << 14),
  ].map((state) => {
    state.complete()
    return { state, computer: new BatchComputer(CONTEXT, state) }
  })
  let rows = 0
  for (let batch = 0; batch < 100; batch++) {
    const records = Array.from({ length: 12 }, (_, i) => record(batch * 12 + i))
    const [ours, whole] = computers.map(({ state, computer }) => {
      const last = records.at(-1)!.offset
      const taken = { first: records[0]!.offset, last, takenAt: 5e11, records }
      const computing = computer.compute({ packed: packBatch(taken), progress: [] })
      if (computing.type !== 'batch') throw new Error(`batch ${batch} asks the base table`)
      // Now and then one does not land, and is computed again.
      if (batch % 9 === 4) state.rollBack()
      else state.landed(last)
      return computing.batch
    })
    expect(Buffer.from(ours!.body).equals(Buffer.from(whole!.body))).toBe(true)
    rows += ours!.rows
  }
  expect(rows).toBeGreaterThan(1_500)
  for (const { state } of computers) state.close()
})

it('asks the base table for what a ring alone would ask for, once the disk has failed', () => {
  const states = [
    new OrderState(-1, 64, new OrderSpill(join(folder, 'is-not-there'), SMALL)),
    new OrderState(-1, 64),
  ]
  const computers = states.map((state) => {
    state.complete()
    return new BatchComputer(CONTEXT, state)
  })
  // More new orders than the ring has room for, so that the disk is tried; then edits of some that others are about to
  // push out of the ring: told to be at hand, and then not found, they would be taken for new.
  const ids = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)
  const fresh = Array.from({ length: 8 }, (_, batch) => ids(batch * 12, 12))
  const batches = [...fresh, [...ids(200, 15), ...ids(36, 5)]]
  let offset = 0
  const asked = batches.map((orders) => {
    const records = orders.map((order) => ({ ...record(order), offset: offset++ }))
    const [first, last] = [records[0]!.offset, records.at(-1)!.offset]
    return computers.map((computer, at) => {
      const computing = computer.compute({
        packed: packBatch({ first, last, takenAt: 5e11, records }),
        progress: [],
      })
      if (computing.type === 'asks') return computing.keys.map(({ orderId }) => orderId).sort()
      states[at]!.landed(last)
      return []
    })
  })
  for (const [ours, ring] of asked) expect(ours).toEqual(ring)
  expect(asked.at(-1)![0]).toHaveLength(5)
})
