/**
 * Files repeat themselves: 541,909 lines have 4,070 stock codes, and the lines of an invoice follow each other. What was
 * judged once is looked up; and equal texts become one string, so that pieces of the file are not kept alive by them.
 */
const MAX_REMEMBERED = 50_000

/** `judge` must be pure. When the memory is full it is emptied, and filled again by use. */
export function remember<T>(judge: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  let lastText: string | undefined
  let last: T | undefined
  return (text) => {
    // A comparison with the line before is a fraction of hashing a text that was just cut out of the file.
    if (text === lastText && last !== undefined) return last
    let verdict = known.get(text)
    if (verdict === undefined) {
      verdict = judge(text)
      if (known.size >= MAX_REMEMBERED) known.clear()
      known.set(text, verdict)
    }
    lastText = text
    last = verdict
    return verdict
  }
}
