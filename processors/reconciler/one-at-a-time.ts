/** Runs tasks one after the other, in the order in which they were given. */
export function oneAtATime(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const result = last.then(task, task)
    // Whoever gave the task hears of its failure; the next one runs all the same.
    last = result.catch(() => {})
    return result
  }
}
