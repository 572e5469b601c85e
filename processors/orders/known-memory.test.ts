import { expect, it } from 'vitest'
import { encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import { orderEvent } from '../../core/contracts/order.ts'
import type { LogRecord } from '../../core/log/event-log.ts'
import { BatchComputer } from './batch-computer.ts'
import type { KnownOrder } from './known-order.ts'
import { fingerprintOf, keyBytes } from './order-key.ts'
import { OrderState } from './order-state.ts'
import { packBatch } from './testing/pack-batch.ts'

const TENANT = { id: 'acme', name: 'A', timeZone: 'Europe/London', currency: 'GBP' }
const ORDERS = 500

/** The same orders at another version, as a batch of its own. */
function batch(version: number): Parameters<BatchComputer['compute']>[0] {
  const first = (version - 1) * ORDERS
  const records = Array.from({ length: ORDERS }, (_, i): LogRecord => {
    const at = `2024-03-0${version}T10:00:00Z`
    const event = orderEvent.parse({
      ...{ type: 'order', schemaVersion: 1, tenant: 'acme', source: 'shop', orderId: `o-${i}`, version },
      ...{ changedAt: at, placedAt: '2024-03-01T10:00:00Z', status: 'completed', currency: 'GBP', lines: [] },
      total: `${version}.00`,
    })
    return { ...encodeOrdersEvent(event), offset: first + i, key: '', appendedAt: Date.UTC(2100, 0, 1) }
  })
  const taken = { first, last: first + ORDERS - 1, takenAt: 5e11, records }
  return { packed: packBatch(taken), progress: [], base: undefined }
}

it('keeps of former snapshots of an order their own bytes, and not the batches that they came in', () => {
  const state = new OrderState(-1)
  state.complete()
  const tenants = new Map([[TENANT.id, TENANT]])
  const context = {
    run: 'r1',
    topic: 'orders',
    partition: 0,
    incarnation: 'life',
    code: '',
    serverStart: 0,
    tenants,
  }
  const computer = new BatchComputer(context, state)
  const last = [1, 2, 3].map((version) => {
    const given = batch(version)
    computer.compute(given)
    return given
  })
  const hash = { high: 0, low: 0 }
  const key = { tenant: 'acme', source: 'shop', orderId: 'o-7' }
  fingerprintOf(key, hash)
  const known = state.find(hash, keyBytes(key), 0) as KnownOrder
  expect(known.depth).toBe(3)
  for (let former = known.before; former !== undefined; former = former.before)
    expect(former.bytes.buffer.byteLength).toBeLessThan(1_000)
  expect(last[0]!.packed.bytes.byteLength).toBeGreaterThan(10_000)
})
