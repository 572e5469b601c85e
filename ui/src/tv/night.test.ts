import { expect, it } from 'vitest'
import { isNight, parseNight } from './night.ts'

it('is night from one hour to the other, over midnight too', () => {
  const over = parseNight('22-6')!
  expect([21, 22, 0, 5, 6, 12].filter((hour) => isNight(over, hour))).toEqual([22, 0, 5])
  const within = parseNight('1-5')!
  expect([0, 1, 4, 5, 23].filter((hour) => isNight(within, hour))).toEqual([1, 4])
})

it('takes nothing for a night that is none', () => {
  expect([null, '', '22', '22-', 'a-b', '25-6', '22-6-1'].map(parseNight)).toEqual(Array(7).fill(null))
})
