import { expect, test } from 'vitest'
import { createSpeaker } from './speaker.ts'

test('speaks at most once a minute', () => {
  const spoken: string[] = []
  const speaker = createSpeaker((sentence) => spoken.push(sentence))
  for (let second = 0; second <= 121; second += 1) speaker.offer(`at ${second}`, second * 1_000)
  expect(spoken).toEqual(['at 0', 'at 60', 'at 120'])
})
