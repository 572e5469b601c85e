import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { setMessages } from '../messages.ts'
import { questionOf, signed, type WhyAnswer, whyGroups } from './explain.ts'
import { draggedSpan, minutesOfClock, readWhy, writeWhy } from './why-panel.ts'

afterEach(() => setMessages('en'))

it('stands in the address as it is read from it', () => {
  const minutes = fc.option(fc.integer({ min: 0, max: 1_500 }))
  const against = fc.constantFrom('yesterday' as const, 'last-week' as const)
  fc.assert(
    fc.property(minutes, minutes, against, (from, to, against) => {
      expect(readWhy(writeWhy({ from, to, against }))).toEqual({ from, to, against })
    }),
  )
  expect(writeWhy({ from: null, to: null, against: 'last-week' })).toBe('why-last-week')
  for (const other of [null, '', 'whyever', 'why-1', 'why-1-2-3', 'proof-orders'])
    expect(readWhy(other)).toBeNull()
})

it('takes whole steps of what was dragged over, and no slip of the hand', () => {
  expect(draggedSpan(541.2, 662)).toEqual({ from: 540, to: 665 })
  expect(draggedSpan(662, 541.2)).toEqual({ from: 540, to: 665 })
  expect(draggedSpan(-20, 30)).toEqual({ from: 0, to: 30 })
  expect(draggedSpan(541, 543)).toBeNull()
})

it('asks for what it shows', () => {
  expect(questionOf({ from: null, to: 600, against: 'yesterday' }, 'sale')).toBe(
    'against=yesterday&axis=sale&toMinute=600',
  )
  expect(minutesOfClock('09:30')).toBe(570)
  expect(minutesOfClock('')).toBeNull()
})

it('names what has no name, in words of the page, and leaves out what explains nothing', () => {
  const row = (key: string, change: string, name = '') => ({ key, name, now: '0', before: '0', change })
  const answer = {
    currency: 'GBP',
    contributions: [
      { dimension: 'kind', rows: [row('refund', '-20')], others: row('', '5') },
      { dimension: 'source', rows: [row('shop', '-15')], others: row('', '0.00') },
      { dimension: 'product', rows: [row('MUG', '10', 'RED MUG'), row('BOX', '-40')], others: row('', '15') },
      { dimension: 'customer', rows: [row('', '-15'), row('c1', '1')], others: row('', '-0.00') },
    ],
  } as unknown as WhyAnswer
  const shown = whyGroups(answer).map(({ title, rows }) => [
    title,
    ...rows.map(({ name, text, isUp, share }) => [name, text, isUp, share]),
  ])
  expect(shown).toEqual([
    ['What was booked', ['refunds', '−20.00', false, 0.5], ['all others', '+5.00', true, 0.125]],
    [
      'Article',
      ['Red mug', '+10.00', true, 0.25],
      ['Box', '−40.00', false, 1],
      ['all others', '+15.00', true, 0.375],
    ],
    ['Customer', ['guests', '−15.00', false, 0.375], ['c1', '+1.00', true, 0.025]],
  ])
  setMessages('pt-BR')
  expect(whyGroups(answer)[2]?.rows[0]?.name).toBe('visitantes')
  expect(signed('0.00', 'BRL')).toBe('0,00')
})
