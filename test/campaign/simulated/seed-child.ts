/** A child process of the campaign: tries what it is sent, one after the other. */
import { findMutant, lineOf, MUTANTS } from './mutants/mutants.ts'
import type { RedSeed, SeedAnswer, SeedTask } from './seed-tasks.ts'
import { trySeed } from './try-seed.ts'

// Stacks cost more than what is tried; whoever shows a seed has them.
Error.stackTraceLimit = 0

process.on('message', async (task: SeedTask) => {
  process.send!(task.type === 'seeds' ? await trySeeds(task.from, task.count) : await tryMutant(task.index))
})

async function trySeeds(from: number, count: number): Promise<SeedAnswer> {
  const red: RedSeed[] = []
  const counts: Record<string, number> = {}
  let steps = 0
  for (let seed = from; seed < from + count; seed++) {
    const verdict = await trySeed(seed)
    steps += verdict.steps
    for (const [name, times] of Object.entries(verdict.counts)) counts[name] = (counts[name] ?? 0) + times
    if (verdict.said.length > 0) red.push({ seed, said: verdict.said })
  }
  return { type: 'seeds', count, red, steps, counts }
}

async function tryMutant(index: number): Promise<SeedAnswer> {
  const found = await findMutant(MUTANTS[index]!)
  return { type: 'mutant', index, isFound: found.seed !== undefined, line: lineOf(found) }
}
