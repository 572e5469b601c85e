import { expect, it } from 'vitest'
import { leadingNew } from './leading-new.ts'

it.each([
  { of: 'the first look', before: [], now: ['a', 'b'], came: 0 },
  { of: 'nothing new', before: ['a', 'b'], now: ['a', 'b'], came: 0 },
  { of: 'one more, the last one gone', before: ['a', 'b', 'c'], now: ['d', 'a', 'b'], came: 1 },
  { of: 'one in between', before: ['a', 'b', 'c'], now: ['a', 'd', 'b'], came: 0 },
  { of: 'the first one gone', before: ['a', 'b', 'c'], now: ['b', 'c'], came: 0 },
  { of: 'all others', before: ['a', 'b'], now: ['c', 'd'], came: 2 },
  { of: 'none any more', before: ['a'], now: [], came: 0 },
])('counts rows that came at the top: $of', ({ before, now, came }) => {
  expect(leadingNew(before, now)).toBe(came)
})
