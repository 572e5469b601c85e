/** How many of `now` stand before the first one that was there before: all, where none was. 0 at the first look. */
export function leadingNew(before: readonly string[], now: readonly string[]): number {
  if (before.length === 0) return 0
  const at = now.findIndex((key) => before.includes(key))
  return at < 0 ? now.length : at
}
