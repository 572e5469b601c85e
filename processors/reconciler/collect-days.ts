/**
 * Gathers days that are asked for while `run` is busy into its next call; everyone who asked gets the promise of the
 * call that has their days. At most one call runs and one waits.
 */
export function collectDays<T>(run: (days: string[]) => Promise<T>): (days: string[]) => Promise<T> {
  let waiting: { days: Set<string>; result: Promise<T> } | undefined
  let last: Promise<unknown> = Promise.resolve()
  return (days) => {
    waiting ??= begin()
    for (const day of days) waiting.days.add(day)
    return waiting.result
  }

  function begin() {
    const days = new Set<string>()
    const result = last.then(() => {
      waiting = undefined
      return run([...days].sort())
    })
    last = result.catch(() => {})
    return { days, result }
  }
}
