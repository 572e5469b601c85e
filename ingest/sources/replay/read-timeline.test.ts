import { describe, expect, it } from 'vitest'
import { deadLetter } from '../../../core/contracts/dead-letters.ts'
import { createCsvParser } from './csv-parser.ts'
import { deadLetterRecord } from './encode-records.ts'
import { createTimelineReader } from './read-timeline.ts'
import { fileLine } from './testing/small-file.ts'

const settings = {
  tenant: 'demo',
  source: 'shop',
  currency: 'GBP',
  timeZone: 'Europe/London',
  judgedAtMs: Date.UTC(2026, 0, 1),
}

function read(lines: readonly string[]) {
  const parser = createCsvParser()
  const reader = createTimelineReader(settings)
  const text = Buffer.from(lines.join('\n'), 'utf8').toString('latin1')
  const parts = [reader.push(parser.push(text)), reader.push(parser.end()), reader.end()]
  return {
    steps: parts.flatMap(({ steps }) => steps),
    bad: parts.flatMap(({ bad }) => bad),
    stats: reader.stats,
  }
}

describe('the timeline reader', () => {
  it('makes a sale of an invoice, at local time, for a customer without “.0”', () => {
    const { steps } = read([
      fileLine('536365', '2011-07-01 08:26:00'),
      fileLine('536365', '2011-07-01 08:27:00', { sku: '71053' }),
    ])
    expect(steps).toHaveLength(1)
    expect(steps[0]?.events[0]).toMatchObject({
      orderId: '536365',
      kind: 'sale',
      status: 'completed',
      placedAt: '2011-07-01T07:26:00.000Z',
      version: Date.parse('2011-07-01T07:26:00Z'),
      customerId: '17850',
      country: 'United Kingdom',
      currency: 'GBP',
      lines: [{ sku: '85123A', quantity: '6', unitPrice: '2.55' }, { sku: '71053' }],
    })
  })

  it('tells sales, adjustments and credits apart', () => {
    const kind = (line: string) => read([line]).steps[0]?.events[0]?.kind
    expect(kind(fileLine('1', '2011-07-01 08:26:00', { price: '0.00', customer: '' }))).toBe('adjustment')
    expect(kind(fileLine('1', '2011-07-01 08:26:00', { price: '0.00' }))).toBe('sale')
    expect(kind(fileLine('1', '2011-07-01 08:26:00', { customer: '' }))).toBe('sale')
    expect(kind(fileLine('A563186', '2011-07-01 08:26:00', { price: '-11062.06', customer: '' }))).toBe(
      'adjustment',
    )
    expect(kind(fileLine('C1', '2011-07-01 08:26:00', { quantity: '-1' }))).toBe('credit')
    expect(kind(fileLine('ABC-1', '2011-07-01 08:26:00'))).toBe('sale')
  })

  it('names countries as others do, and none where it is not told', () => {
    const country = (name: string) =>
      read([fileLine('1', '2011-07-01 08:26:00', { country: name })]).steps[0]?.events[0]?.country
    expect(['EIRE', 'RSA', 'Unspecified', 'Österreich'].map(country)).toEqual([
      'Ireland',
      'South Africa',
      null,
      'Österreich',
    ])
  })

  it('refuses lines that cannot be read, one by one, and takes the rest of their invoice', () => {
    const at = '2011-07-01 08:26:00'
    const cases: [string, string][] = [
      ['1,2,3', 'columns'],
      [fileLine('1', at, { quantity: 'six' }), 'number'],
      [fileLine('1', at, { quantity: '1e3' }), 'number'],
      [fileLine('1', at, { price: '1.23456' }), 'number'],
      [fileLine('1', at, { price: '123456789012' }), 'number'],
      [fileLine('1', '2011-02-30 08:26:00'), 'date'],
      [fileLine('1', '1999-02-03 08:26:00'), 'date'],
      [fileLine('1', '2031-02-03 08:26:00'), 'date'],
      [fileLine('1', at, { sku: '' }), 'identifier'],
      [fileLine('', at), 'identifier'],
      [fileLine('1', at, { sku: 'A\u0007' }), 'identifier'],
      [fileLine('1', at, { country: 'x'.repeat(501) }), 'text'],
      [fileLine('1', at, { customer: 'someone else' }), 'conflict'],
      [fileLine('1', at, { quantity: '99999999999', price: '9' }), 'too-large'],
      [fileLine('1', '2011-07-01 08:20:00'), 'out-of-order'],
      ['"1,2', 'quotes'],
    ]
    const { steps, bad, stats } = read([fileLine('1', at), ...cases.map(([text]) => text), fileLine('1', at)])
    expect(bad.map(({ fault }) => fault.reason)).toEqual(cases.map(([, reason]) => reason))
    expect(steps[0]?.invoice.lines).toHaveLength(2)
    expect(stats).toMatchObject({ lines: cases.length + 2, deadLetters: cases.length })
    bad.forEach((one, index) => {
      const record = deadLetterRecord(one, {
        tenant: 'demo',
        source: 'shop',
        fileName: 'a b.csv',
        atMs: 1.3e12,
      })
      const letter = deadLetter.parse(JSON.parse(Buffer.from(record.value).toString('utf8')))
      expect(letter).toMatchObject({ origin: `file:a%20b.csv:${index + 2}`, payload: cases[index]![0] })
    })
  })

  it('keeps the bytes of a line that is not UTF-8', () => {
    const reader = createTimelineReader(settings)
    const { bad } = reader.push(
      createCsvParser().push(`${fileLine('1', '2011-07-01 08:26:00', { country: 'Espa\u00f1a' })}\n`),
    )
    const record = deadLetterRecord(bad[0]!, { tenant: 'demo', source: 'shop', fileName: 'f', atMs: 1.3e12 })
    const letter = deadLetter.parse(JSON.parse(Buffer.from(record.value).toString('utf8')))
    expect(letter).toMatchObject({ reason: 'unreadable', encoding: 'base64' })
    expect(Buffer.from(letter.payload, 'base64').toString('latin1')).toContain('Espa\u00f1a')
  })

  it('orders invoices by their earliest line, and refuses a line whose invoice was closed', () => {
    const { steps, bad } = read([
      fileLine('1', '2011-07-01 08:26:00'),
      fileLine('2', '2011-07-01 08:24:00'),
      fileLine('3', '2011-07-01 08:37:00'),
      fileLine('1', '2011-07-01 08:38:00'),
    ])
    expect(steps.map(({ invoice }) => invoice.id)).toEqual(['2', '1', '3'])
    expect(bad.map(({ fault }) => fault.reason)).toEqual(['late'])
  })
})
