/** What tasks can do to a thread. */
export type Trial =
  | { do: 'echo'; value: unknown; ms?: number }
  | { do: 'throw'; message: string }
  | { do: 'hang' }
  | { do: 'eat' }
  | { do: 'exit' }

export default async function trial(task: Trial): Promise<unknown> {
  switch (task.do) {
    case 'echo':
      if (task.ms !== undefined) await new Promise((resolve) => setTimeout(resolve, task.ms))
      return task.value
    case 'throw':
      throw new Error(task.message)
    case 'hang':
      for (;;);
    case 'eat': {
      const eaten: number[][] = []
      for (;;) eaten.push(new Array(1_000_000).fill(1.5))
    }
    case 'exit':
      process.exit(3)
  }
}
