import { expect, test } from 'vitest'
import { createAttempts } from './attempts.ts'

function counted() {
  let now = 1_000_000
  const attempts = createAttempts({ now: () => now, sleep: async () => {} })
  const fail = (times: number, name = 'ana', address = '10.0.0.7') => {
    for (let i = 0; i < times; i++) attempts.failed(name, address)
  }
  const pass = (ms: number) => {
    now += ms
  }
  return { ...attempts, fail, pass }
}

test('five are free, then the pause doubles to a quarter of an hour', () => {
  const { fail, waitMs, pass } = counted()
  fail(4)
  expect(waitMs('ana', '10.0.0.7')).toBe(0)
  fail(1)
  expect(waitMs('ana', '10.0.0.7')).toBe(1_000)
  fail(3)
  expect(waitMs('ana', '10.0.0.7')).toBe(8_000)
  pass(7_000)
  expect(waitMs('ana', '10.0.0.7')).toBe(1_000)
  fail(9)
  expect(waitMs('ana', '10.0.0.7')).toBe(900_000)
  pass(3_600_001)
  fail(1)
  expect(waitMs('ana', '10.0.0.7')).toBe(0)
})

test('an address that tries many names is stopped, and others are not', () => {
  const { fail, waitMs } = counted()
  for (let i = 0; i < 20; i++) fail(1, `user${i}`)
  expect(waitMs('another', '10.0.0.7')).toBe(1_000)
  expect(waitMs('another', '10.0.0.8')).toBe(0)
})

test('whoever is attacked from many addresses waits for a minute at most', () => {
  const { fail, waitMs } = counted()
  for (let i = 0; i < 60; i++) fail(1, 'ana', `10.0.1.${i}`)
  expect(waitMs('ana', '10.0.0.7')).toBe(60_000)
})

test('a success forgets the failures of the name, and not those of the address', () => {
  const { fail, succeeded, waitMs } = counted()
  fail(20)
  succeeded('ana', '10.0.0.7')
  expect(waitMs('ana', '10.0.0.7')).toBe(1_000)
  expect(waitMs('ana', '10.0.0.9')).toBe(0)
})

test('holds a bounded number of them', () => {
  const { fail, waitMs } = counted()
  fail(10)
  for (let i = 0; i < 6_000; i++) fail(1, `n${i}`, `a${i}`)
  expect(waitMs('ana', '10.0.0.7')).toBe(0)
})
