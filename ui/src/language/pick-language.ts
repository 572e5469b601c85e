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
