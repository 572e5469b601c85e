/** In which language the page speaks: what its address says, else what was chosen here before, else what the browser prefers. */

export const LANGUAGES = ['en', 'pt-BR'] as const
export type Language = (typeof LANGUAGES)[number]

/** Each in itself: who looks for his own does not read the other. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', 'pt-BR': 'Português' }

export function pickLanguage(
  search: string,
  remembered: string | null,
  preferred: readonly string[],
): Language {
  for (const wish of [new URLSearchParams(search).get('lang'), remembered, ...preferred]) {
    const language = languageOf(wish)
    if (language !== null) return language
  }
  return 'en'
}

/** Whatever Portuguese or English is asked for is ours: "pt", "pt-PT", "en-US". */
function languageOf(tag: string | null): Language | null {
  if (tag === null) return null
  if (/^pt\b/i.test(tag)) return 'pt-BR'
  return /^en\b/i.test(tag) ? 'en' : null
}

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
