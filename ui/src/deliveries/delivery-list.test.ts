import { afterEach, expect, it } from 'vitest'
import { setMessages } from '../messages.ts'
import { type Delivery, describeAttempt, isRevivable, questionOf, subjectOf, whyOf } from './delivery-list.ts'

const ROW: Delivery = {
  ...{ endpoint: 'ep_1', endpointName: 'Hall', messageId: 'msg_1', topic: 'alerts', dedupKey: 'order/7' },
  ...{ attempt: 3, at: '2024-03-01T23:30:05Z', status: 'retrying', httpStatus: 503, error: 'answered 503' },
  ...{ nextAttemptAt: '2024-03-01T23:30:50Z', askedBy: '', isNewest: true },
}

afterEach(() => setMessages('en'))

it('asks for what was chosen, and for nothing else', () => {
  expect(questionOf({ endpoint: '', isDeadOnly: false })).toBe('')
  expect(questionOf({ endpoint: 'ep_1&a=b', isDeadOnly: true })).toBe('endpoint=ep_1%26a%3Db&outcome=dead')
})

it('tells an attempt in the time of the shop: which one, its answer, the next one, who asked', () => {
  expect(describeAttempt(ROW, 'Europe/Berlin')).toBe(
    '2 Mar 2024, 00:30:05 · attempt 3 · HTTP 503 · again 2 Mar 2024, 00:30:50',
  )
  const asked = { ...ROW, attempt: 0, httpStatus: null, nextAttemptAt: null, askedBy: 'olga' }
  expect(describeAttempt(asked, 'UTC')).toBe('1 Mar 2024, 23:30:05 · asked for by olga')
  setMessages('pt-BR')
  expect(describeAttempt({ ...ROW, nextAttemptAt: null }, 'UTC')).toMatch(/ · tentativa 3 · HTTP 503$/)
})

it('says why it failed where the status has not said it, and what it was about', () => {
  expect(whyOf(ROW)).toBe('')
  expect(whyOf({ ...ROW, httpStatus: null, error: 'no answer: cut' })).toBe('no answer: cut')
  expect(subjectOf(ROW)).toBe('order/7')
  expect(subjectOf({ ...ROW, dedupKey: '' })).toBe('msg_1')
})

it('offers again only what is given up still', () => {
  expect(isRevivable({ ...ROW, status: 'dead' })).toBe(true)
  expect(isRevivable({ ...ROW, status: 'dead', isNewest: false })).toBe(false)
  expect(isRevivable(ROW)).toBe(false)
})
