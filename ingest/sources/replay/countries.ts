/** Country names of the file that differ from what everyone else writes; the rest stays as it is. */
const NAMES = new Map<string, string | null>([
  ['EIRE', 'Ireland'],
  ['RSA', 'South Africa'],
  ['Unspecified', null],
  ['', null],
])

/** Null where the file does not tell the country. */
export function countryName(text: string): string | null {
  const name = NAMES.get(text)
  return name === undefined ? text : name
}
