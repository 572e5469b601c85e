/** Records that no producer of revwall would write. Each has one fault, or is nothing at all. */
import { fineOrder, type RawOrder } from './accepted-orders.ts'
import { REFUSED_TEXTS } from './naughty-strings.ts'

export interface BadRecord {
  /** Unique: what is wrong. */
  what: string
  value: Buffer
}

export function badRecords(): BadRecord[] {
  return [
    text('nothing', ''),
    text('no JSON', '{"type":"order"'),
    text('NaN', '{"version":NaN}'),
    text('another format', '<order id="1"/>'),
    bytes('no UTF-8', [0x22, 0xc3, 0x28, 0x22]),
    bytes('zeros', Array(100).fill(0)),
    bytes('gzip', [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
    ...['null', '0', '1e400', '"text"', '[]', '{}', 'true'].map((json) => text(`JSON ${json}`, json)),
    text('deep JSON', `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    text(
      'deep JSON in an order',
      json('deep', {})
        .replace('{', `{"orderId":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)},`)
        .replace('"orderId":"bad-deep",', ''),
    ),
    text('a long text', `"${'x'.repeat(2 ** 20)}"`),
    text('a prototype for an order', `{"__proto__":${json('proto', {})}}`),
    wrong('tenant', { tenant: 'nobody' }),
    wrong('prototype as tenant', { tenant: '__proto__' }),
    wrong('type', { type: 'order.shipped' }),
    wrong('prototype as type', { type: 'constructor' }),
    wrong('schema version', { schemaVersion: 99 }),
    wrong('infinite version', {}, (order) => order.replace('"version":1', '"version":1e400')),
    wrong('comma', { total: '1.234,56' }),
    wrong('number', { total: 12.5 }),
    wrong('year 9999', { placedAt: '9999-12-31T23:59:59Z' }),
    wrong('year 1999', { placedAt: '1999-12-31T23:59:59Z' }),
    wrong('in three days', { placedAt: new Date(Date.now() + 3 * 86_400_000).toISOString() }),
    wrong('too much', { total: null, lines: [line('99999999999', '99999999999')] }),
    wrong('too many', { lines: Array.from({ length: 5_001 }, () => line('1', '1')) }),
    wrong('progress', { type: 'source.progress', upTo: 'soon' }),
    ...REFUSED_TEXTS.map((orderId, i) => wrong(`order id ${i}`, { orderId })),
  ]
}

const line = (quantity: string, unitPrice: string) => ({ sku: 'A', name: 'Mug', quantity, unitPrice })

function json(id: string, more: RawOrder): string {
  return JSON.stringify({ ...fineOrder(`bad-${id}`, 77_0000), tenant: 'acme', schemaVersion: 1, ...more })
}

function wrong(what: string, more: RawOrder, change = (order: string) => order): BadRecord {
  return text(what, change(json(what, more)))
}

function text(what: string, value: string): BadRecord {
  return { what, value: Buffer.from(value) }
}

function bytes(what: string, value: number[]): BadRecord {
  return { what, value: Buffer.from(value) }
}
