import { expect, test } from 'vitest'
import { RECONNECT_FIRST_MS, RECONNECT_MAX_MS, reconnectDelayMs } from './reconnect-delay.ts'

test('stays between a quarter of a second and five, and grows', () => {
  for (const random of [0, 0.3, 0.999]) {
    let before = 0
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const delay = reconnectDelayMs(attempt, random)
      expect(delay).toBeGreaterThanOrEqual(Math.max(RECONNECT_FIRST_MS, before))
      expect(delay).toBeLessThanOrEqual(RECONNECT_MAX_MS)
      before = delay
    }
  }
  expect(reconnectDelayMs(9, 0)).not.toBe(reconnectDelayMs(9, 0.9))
})
