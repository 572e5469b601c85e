/** The language of the page as a rune: whoever draws texts is drawn anew when it changes. */
import { setMessages } from '../messages.ts'
import { languageHere, rememberLanguage } from './browser-language.ts'
import type { Language } from './pick-language.ts'

class PageLanguage {
  current: Language = $state(languageHere())

  constructor() {
    this.#speak(this.current)
  }

  /** Kept in the address too, which goes before what this browser remembers. No step of the history: back is for places. */
  choose(language: Language): void {
    rememberLanguage(language)
    const url = new URL(location.href)
    url.searchParams.set('lang', language)
    history.replaceState(history.state, '', url)
    // The texts first: what is drawn by the change reads them.
    this.#speak(language)
    this.current = language
  }

  #speak(language: Language): void {
    setMessages(language)
    document.documentElement.lang = language
  }
}

export const pageLanguage = new PageLanguage()
