import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CsvRecord, createCsvParser, MAX_RECORD_CHARS } from './csv-parser.ts'

/** The text cut at the given places, pushed piece by piece. */
function parse(text: string, cuts: readonly number[] = []): CsvRecord[] {
  const parser = createCsvParser()
  const edges = [0, ...[...cuts].sort((a, b) => a - b).map((cut) => cut % (text.length + 1)), text.length]
  edges.sort((a, b) => a - b)
  const records = edges.slice(1).flatMap((edge, index) => parser.push(text.slice(edges[index], edge)))
  return [...records, ...parser.end()]
}

const fieldsOf = (text: string) =>
  parse(text).map((record) => ('fields' in record ? record.fields : record.fault))
const character = fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '1')
const cell = fc.string({ unit: character, maxLength: 6 })
const cuts = fc.array(fc.nat(200), { maxLength: 8 })

describe('the CSV parser', () => {
  it('reads back whatever was written with quotes, wherever the text is cut', () => {
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 })
    fc.assert(
      fc.property(rows, cuts, fc.constantFrom('\n', '\r\n'), fc.boolean(), (cells, at, newline, last) => {
        const write = (row: string[]) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')
        const text = cells.map(write).join(newline) + (last ? newline : '')
        expect(parse(text, at).map((record) => 'fields' in record && record.fields)).toEqual(cells)
      }),
      { numRuns: 500 },
    )
  })

  it('finds the same records and faults in any text, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 60 }), cuts, (text, at) => {
        expect(parse(text, at)).toEqual(parse(text))
      }),
      { numRuns: 2_000 },
    )
  })

  it('skips a byte order mark and empty lines, and takes LF, CRLF and a missing last newline', () => {
    expect(fieldsOf('\u00ef\u00bb\u00bfa,b\r\n\r\n\nc,d\ne,')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e', ''],
    ])
  })

  it('numbers records by the physical line they begin in', () => {
    const lines = parse('a,b\n"x\ny",2\n\nlast,1').map(({ line }) => line)
    expect(lines).toEqual([1, 2, 5])
  })

  it('gives up only the first line when a quote is never closed or text follows it', () => {
    expect(fieldsOf('a,b\n"open,1\nc,d\n"x"y,2\ne,f')).toEqual([
      ['a', 'b'],
      'quotes',
      ['c', 'd'],
      'quotes',
      ['e', 'f'],
    ])
  })

  it('drops a line beyond the limit, keeps its beginning, and goes on behind it', () => {
    const long = 'x'.repeat(MAX_RECORD_CHARS + 10)
    const text = `a,b\n${long}${long}\nc,d\n`
    for (const at of [[], [10], [MAX_RECORD_CHARS + 6], [2 * MAX_RECORD_CHARS + 22]]) {
      const records = parse(text, at)
      expect(records.map((record) => ('fault' in record ? record.fault : record.fields[0]))).toEqual([
        'a',
        'too-long',
        'c',
      ])
      expect(records[1]?.raw.length).toBe(MAX_RECORD_CHARS)
      expect(records[2]?.line).toBe(3)
    }
  })

  it('finds the line after a stray quote even when the rest of the file is long', () => {
    const rest = 'q,1\n'.repeat(MAX_RECORD_CHARS / 2)
    const records = parse(`"stray,1\n${rest}`, [3, 50_000, 100_000])
    expect(records.length).toBe(1 + MAX_RECORD_CHARS / 2)
    expect(records.filter((record) => 'fault' in record).length).toBe(1)
  })
})
