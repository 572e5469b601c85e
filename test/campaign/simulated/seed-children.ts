/** As many child processes as there are cores, each busy with one task at a time. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { SeedAnswer, SeedTask } from './seed-tasks.ts'

const CHILD = fileURLToPath(new URL('./seed-child.ts', import.meta.url))

/** Hands out tasks until there is none any more; resolves when the last one is answered. */
export async function runTasks(
  next: () => SeedTask | undefined,
  onAnswer: (answer: SeedAnswer) => void,
): Promise<void> {
  const children = Array.from({ length: availableParallelism() }, () => fork(CHILD))
  try {
    await Promise.all(children.map((child) => keepBusy(child, next, onAnswer)))
  } finally {
    for (const child of children) child.kill()
  }
}

async function keepBusy(
  child: ChildProcess,
  next: () => SeedTask | undefined,
  onAnswer: (answer: SeedAnswer) => void,
): Promise<void> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a child of the campaign ended with ${code}`)
  })
  // It ends when it is told to, too.
  ended.catch(() => {})
  for (let task = next(); task !== undefined; task = next()) {
    const answered = once(child, 'message')
    child.send(task)
    const [answer] = await Promise.race([answered, ended])
    onAnswer(answer as SeedAnswer)
  }
}
