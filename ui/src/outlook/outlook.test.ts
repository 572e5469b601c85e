import { expect, it } from 'vitest'
import { type Choice, outlookColumns, questionOf, samePart, splitsOf } from './outlook.ts'

const ALL = { series: 'revenue', by: 'all', key: '' } as const

it('puts what is expected behind what came, with a gap where nothing is known', () => {
  const point = { day: '2011-12-10', value: '5', low80: '4', high80: '6', low95: '-3.5', high95: '7' }
  const past = [
    { day: '2011-12-08', value: '1.50' },
    { day: '2011-12-09', value: null },
  ]
  expect(outlookColumns(past, [point])).toEqual({
    days: ['2011-12-08', '2011-12-09', '2011-12-10'],
    past: [1.5, null, null],
    expected: [null, null, 5],
    low80: [null, null, 4],
    high80: [null, null, 6],
    low95: [null, null, -3.5],
    high95: [null, null, 7],
  })
})

it('asks for a value only where there is one', () => {
  expect(questionOf(ALL, 'day')).toBe('step=day&series=revenue&by=all')
  expect(questionOf({ ...ALL, by: 'country', key: 'A & B' }, 'week')).toBe(
    'step=week&series=revenue&by=country&key=A+%26+B',
  )
})

it('keeps the part where another series has it', () => {
  const norway: Choice = { series: 'revenue', by: 'country', key: 'Norway' }
  const mug: Choice = { series: 'revenue', by: 'product', key: 'mug' }
  const choices = [ALL, norway, { ...norway, series: 'orders' as const }, mug]
  expect(splitsOf(choices, 'revenue')).toEqual([
    { by: 'country', parts: [norway] },
    { by: 'product', parts: [mug] },
  ])
  expect(splitsOf(choices, 'ticket')).toEqual([])
  expect(samePart(choices, norway, 'orders')).toEqual({ ...norway, series: 'orders' })
  expect(samePart(choices, mug, 'orders')).toEqual({ series: 'orders', by: 'all', key: '' })
})
