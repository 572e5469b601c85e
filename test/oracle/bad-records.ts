/** Records that must end as dead letters, each with its reason. None of them may leave a trace in any number. */
import type { DeadLetter } from '../../core/contracts/dead-letters.ts'
import type { Shop } from './invent-order.ts'
import { iso } from './snapshot.ts'

export interface BadRecord {
  value: Uint8Array
  reason: DeadLetter['reason']
}

export function badRecords(shop: Shop): BadRecord[] {
  const fine = fineEvent(shop)
  const line = fine.lines[0]!
  const invalid: object[] = [
    { ...fine, currency: 'eur' },
    { ...fine, total: '1e5' },
    { ...fine, total: 12.5 },
    { ...fine, total: '123456789012.00' },
    { ...fine, lines: [{ ...line, quantity: '1.23456' }] },
    { ...fine, lines: [line, line].map((huge) => ({ ...huge, amount: '99999999999.9999' })) },
    { ...fine, status: 'shipped' },
    { ...fine, placedAt: '1999-12-31T23:59:59Z' },
    { ...fine, placedAt: '2025-03-30 02:30:00' },
    { ...fine, changedAt: '2099-06-01T00:00:00Z' },
    { ...fine, version: -1 },
    { ...fine, schemaVersion: 2 },
    { ...fine, tenant: 'nobody' },
    { ...fine, orderId: '' },
    { ...fine, type: 'order.refund', refund: { id: 'r', at: fine.placedAt } },
    [fine],
  ]
  const unreadable = [
    Buffer.from(JSON.stringify(fine).slice(0, -1)),
    Buffer.from(''),
    Buffer.from('<order id="1"/>'),
    Buffer.concat([Buffer.from('{"type":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
  ]
  return [
    ...invalid.map((event) => ({ value: Buffer.from(JSON.stringify(event)), reason: 'invalid' as const })),
    ...unreadable.map((value) => ({ value, reason: 'unreadable' as const })),
  ]
}

/** Without the one fault that each record has, it would be taken and counted. */
function fineEvent(shop: Shop) {
  const at = iso(shop.anchors[0]!)
  return {
    type: 'order',
    schemaVersion: 1,
    tenant: shop.tenant,
    source: shop.sources[0]!,
    orderId: 'bad-1',
    version: 1,
    changedAt: at,
    placedAt: at,
    status: 'completed',
    currency: shop.currencies[0]!,
    lines: [
      { sku: 'SKU-1', name: 'Article 1', quantity: '1', unitPrice: '10', amount: null as string | null },
    ],
  }
}
