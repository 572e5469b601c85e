import { expect, it } from 'vitest'
import { setMessages } from '../messages.ts'
import { describeWatching, explain, scorePoints } from './anomaly-list.ts'

const WATCHING = { scored: 1, told: 0, withheld: 0, skipped: 0 }

it('says what is watched: nothing yet, a model that learns, orders of today, and those that are left out', () => {
  const absent = (reason: 'orders' | 'learning') => ({ reason, have: 123, need: 500 })
  expect(describeWatching({ absence: absent('orders'), watching: null })).toContain('No orders yet')
  const learning = describeWatching({ absence: absent('learning'), watching: WATCHING })
  expect(learning).toContain('123 of 500 orders')
  expect(describeWatching({ absence: null, watching: WATCHING })).toBe('1 order of today was judged.')
  const busy = { ...WATCHING, scored: 1_234, withheld: 7, skipped: 50_000 }
  const many = describeWatching({ absence: null, watching: busy })
  expect(many).toMatch(/^1,234 orders of today were judged\. 7 more .* budget.* 50,000 /)
})

it('tells the reasons as a sentence, whatever they begin with', () => {
  const both = { reasons: ['at 03:12', 'third order in 4 minutes'], reasonsPt: ['às 03:12'] }
  expect(explain(both)).toBe('At 03:12, third order in 4 minutes')
  const amount = ["9× this customer's usual amount"]
  expect(explain({ reasons: amount, reasonsPt: [] })).toBe("9× this customer's usual amount")
  expect(explain({ reasons: [], reasonsPt: [] })).toBe('')
  setMessages('pt-BR')
  expect(explain(both)).toBe('Às 03:12')
  setMessages('en')
  expect(scorePoints(0.7149)).toBe(71)
})
