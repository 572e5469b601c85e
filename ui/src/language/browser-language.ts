/** The browser's side of `pick-language.ts`: its address, its memory, its preferences. */
import { type Language, pickLanguage } from './pick-language.ts'

const KEPT_AS = 'revwall-language'

export function languageHere(): Language {
  return pickLanguage(location.search, recall(), navigator.languages)
}

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(KEPT_AS, language)
  } catch {
    // A browser that keeps nothing has the language in the address all the same.
  }
}

function recall(): string | null {
  try {
    return localStorage.getItem(KEPT_AS)
  } catch {
    // Nothing can have been kept either.
    return null
  }
}
