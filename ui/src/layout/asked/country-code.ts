/** Which country is meant: sources write codes or names, in English or in the page's language. */

/** Names that neither Intl nor an ISO code knows, folded as `fold` does. */
const OTHERS: Readonly<Record<string, string>> = {
  uk: 'GB',
  'great britain': 'GB',
  england: 'GB',
  scotland: 'GB',
  wales: 'GB',
  'northern ireland': 'GB',
  usa: 'US',
  'united states of america': 'US',
  eire: 'IE',
  'republic of ireland': 'IE',
  rsa: 'ZA',
  'czech republic': 'CZ',
  holland: 'NL',
  'south korea': 'KR',
  'republic of korea': 'KR',
  korea: 'KR',
  'north korea': 'KP',
  'russian federation': 'RU',
  uae: 'AE',
  macedonia: 'MK',
  swaziland: 'SZ',
  burma: 'MM',
  'ivory coast': 'CI',
  turkiye: 'TR',
  turkey: 'TR',
  myanmar: 'MM',
  'viet nam': 'VN',
  'hong kong': 'HK',
  macau: 'MO',
  // As Natural Earth shortens them.
  'w sahara': 'EH',
  'dem rep congo': 'CD',
  congo: 'CG',
  'dominican rep': 'DO',
  'falkland is': 'FK',
  'fr s antarctic lands': 'TF',
  'central african rep': 'CF',
  'eq guinea': 'GQ',
  'solomon is': 'SB',
  'bosnia and herz': 'BA',
  's sudan': 'SS',
  palestine: 'PS',
}

const A = 65
const LETTERS = Array.from({ length: 26 }, (_, n) => String.fromCharCode(A + n))

let known: Map<string, string> | undefined

/** ISO 3166 alpha-2; undefined where it is none that is known ("Unspecified", "European Community"). */
export function codeOfCountry(text: string): string | undefined {
  known ??= allNames()
  return known.get(fold(text))
}

function allNames(): Map<string, string> {
  const names = new Map<string, string>()
  const languages = ['en', 'pt-BR'].map((language) => new Intl.DisplayNames(language, { type: 'region' }))
  for (const first of LETTERS)
    for (const second of LETTERS) {
      const code = first + second
      // A code that is none is its own name; old ones (SU, UK) are called as their successors.
      if (languages[0]!.of(code) === code || new Intl.Locale(`und-${code}`).region !== code) continue
      for (const name of [code, ...languages.map((language) => language.of(code)!)])
        if (!names.has(fold(name))) names.set(fold(name), code)
    }
  for (const [name, code] of Object.entries(OTHERS)) names.set(name, code)
  return names
}

/** Without case, accents, points and doubled blanks; "&" is "and". */
function fold(text: string): string {
  const plain = text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('&', ' and ')
  return plain.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim()
}
