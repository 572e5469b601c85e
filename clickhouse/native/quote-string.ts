/** A string literal of ClickHouse's SQL, for lists that are too long for bound parameters (those travel in the URL). */
export function quoteString(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
