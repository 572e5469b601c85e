import { expect, it } from 'vitest'
import { figuresOf, formatExact, isProvable, verdictOf } from './provable.ts'

it('a difference is drift only where nothing came between the two readings', () => {
  expect(verdictOf({ difference: '0.00', steady: true })).toBe('exact')
  expect(verdictOf({ difference: '0.00', steady: false })).toBe('exact')
  expect(verdictOf({ difference: '0.0001', steady: true })).toBe('apart')
  expect(verdictOf({ difference: '-12.50', steady: false })).toBe('moving')
})

it('a ticket is proved by what it is made of, and what is not known by nothing', () => {
  expect(figuresOf('ticket')).toEqual(['sales', 'orders'])
  expect(isProvable('margin')).toBe(false)
})

it('a proof rounds nothing, and counts have no cents', () => {
  expect(formatExact('39426.1834', 'revenue', 'GBP')).toBe('39,426.1834')
  expect(formatExact('-773.1', 'refunds', 'GBP')).toBe('−773.10')
  expect(formatExact('1087', 'orders', 'GBP')).toBe('1,087')
  expect(formatExact('18204.25', 'units', 'GBP')).toBe('18,204.25')
})
