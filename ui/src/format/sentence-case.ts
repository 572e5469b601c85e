/** Names that a till writes in capitals are read more easily from afar in small ones; others stay as they are. */
export function sentenceCase(name: string): string {
  if (name !== name.toUpperCase()) return name
  const small = name.trim().toLowerCase()
  return small.charAt(0).toUpperCase() + small.slice(1)
}
