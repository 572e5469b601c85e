import { expect, it } from 'vitest'
import { GIVE_UP_MS, retryAfterMs, retryDelayMs } from './retry-schedule.ts'
import { isSecret, webhookHeaders } from './sign-webhook.ts'

it('waits three times as long each time, up to twelve hours, a fifth more or less', () => {
  expect([1, 2, 3, 4].map((attempt) => retryDelayMs(attempt, 0.5))).toEqual([5_000, 15_000, 45_000, 135_000])
  expect(retryDelayMs(30, 0.5)).toBe(12 * 3_600_000)
  expect([retryDelayMs(1, 0), retryDelayMs(1, 1 - Number.EPSILON)]).toEqual([4_000, 6_000])
})

it('makes 14 attempts in three days', () => {
  let at = 0
  let attempts = 0
  while (at <= GIVE_UP_MS) at += retryDelayMs(++attempts, 0.5)
  expect(attempts).toBe(14)
})

it('understands Retry-After as seconds and as a date, and believes nobody longer than a day', () => {
  const now = Date.parse('2024-03-01T10:00:00Z')
  const headers = [
    '30',
    'Fri, 01 Mar 2024 10:01:00 GMT',
    'Fri, 01 Mar 2024 09:00:00 GMT',
    '999999999',
    'soon',
    undefined,
  ]
  expect(headers.map((header) => retryAfterMs(header, now))).toEqual([
    30_000,
    60_000,
    0,
    86_400_000,
    undefined,
    undefined,
  ])
})

it('signs as the specification’s own example is signed', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const body = Buffer.from('{"test": 2432232314}')
  const headers = webhookHeaders({
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    atMs: 1_614_265_330_999,
    body,
    secrets: [secret],
  })
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
  expect([secret, 'whsec_short', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'].map(isSecret)).toEqual([
    true,
    false,
    false,
  ])
})
