import { expect, it } from 'vitest'
import { describeAbsence } from './describe-absence.ts'

it('says what is missing, and how much of it', () => {
  const absence = { have: 2, need: 14 }
  expect(describeAbsence({ ...absence, reason: 'history' })).toMatch(/^12 more complete days .*2 of 14/)
  expect(describeAbsence({ reason: 'learning', have: 1_500, need: 2_000 })).toContain('500 more orders')
  expect(describeAbsence({ ...absence, reason: 'off' })).toContain('REVWALL_ANALYTICS')
})
