import { expect, it } from 'vitest'
import { pickLanguage } from './pick-language.ts'

it('takes the address before what was chosen, and that before what the browser prefers', () => {
  expect(pickLanguage('?lang=pt-BR', 'en', ['en-GB'])).toBe('pt-BR')
  expect(pickLanguage('?axis=sale', 'pt-BR', ['en-GB'])).toBe('pt-BR')
  expect(pickLanguage('', null, ['de', 'pt-PT', 'en'])).toBe('pt-BR')
  expect(pickLanguage('', null, ['en-US', 'pt'])).toBe('en')
})

it('goes on to the next where a language is none of ours, and ends at English', () => {
  expect(pickLanguage('?lang=xx', 'klingon', ['pt'])).toBe('pt-BR')
  expect(pickLanguage('?lang=', null, ['de', 'ptolemaic'])).toBe('en')
})
