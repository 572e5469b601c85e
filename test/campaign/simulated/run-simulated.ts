/** The deterministic half of the campaign: every mutant is found first, then as many seeds as there is time for. */
import { MUTANTS } from './mutants/mutants.ts'
import { runTasks } from './seed-children.ts'
import type { RedSeed } from './seed-tasks.ts'
import { trySeed } from './try-seed.ts'

export interface SimulatedOptions {
  first: number
  seeds: number
  minutes: number
}

/** Seeds of one task. */
const TASK_SEEDS = 25
const PROGRESS_MS = 10_000
/** More red seeds than these tell nothing new. */
const MAX_RED = 5
const SHOWN_LINES = 200

/** True when all mutants were found. */
export async function runMutants(): Promise<boolean> {
  let index = 0
  let missed = 0
  const lines: string[] = []
  console.log(' seed  mutant')
  const next = () => (index < MUTANTS.length ? ({ type: 'mutant', index: index++ } as const) : undefined)
  await runTasks(next, (answer) => {
    if (answer.type !== 'mutant') return
    if (!answer.isFound) missed += 1
    lines.push(answer.line)
    console.log(answer.line)
  })
  console.log(`simulated: ${MUTANTS.length - missed} of ${MUTANTS.length} mutants found`)
  return missed === 0
}

/** True when no seed turned red. */
export async function runSeeds({ first, seeds, minutes }: SimulatedOptions): Promise<boolean> {
  const startedAt = performance.now()
  const until = startedAt + minutes * 60_000
  const red: RedSeed[] = []
  const sums: Record<string, number> = {}
  let given = 0
  let done = 0
  let toldAt = startedAt
  const tell = () => {
    const rate = Math.round((done / (performance.now() - startedAt)) * 60_000)
    const what = Object.entries(sums).map(([name, times]) => `${times} ${name}`)
    console.log(`simulated: ${done} seeds, ${rate} a minute, ${red.length} red; ${what.join(', ')}`)
  }
  const next = () => {
    if (given >= seeds || performance.now() > until || red.length >= MAX_RED) return undefined
    const from = first + given
    const count = Math.min(TASK_SEEDS, seeds - given)
    given += count
    return { type: 'seeds', from, count } as const
  }
  await runTasks(next, (answer) => {
    if (answer.type !== 'seeds') return
    done += answer.count
    red.push(...answer.red)
    for (const [name, times] of Object.entries(answer.counts)) sums[name] = (sums[name] ?? 0) + times
    if (performance.now() - toldAt < PROGRESS_MS) return
    toldAt = performance.now()
    tell()
  })
  tell()
  for (const { seed } of red.slice(0, MAX_RED)) await showSeed(seed)
  return red.length === 0
}

/** One seed again, with all that was done in it; true when it is green. */
export async function showSeed(seed: number): Promise<boolean> {
  const { said, plan, trace, steps } = await trySeed(seed, undefined, true)
  console.log(`seed ${seed}: ${JSON.stringify(plan)}`)
  for (const line of trace.slice(-SHOWN_LINES)) console.log(line)
  if (trace.length > SHOWN_LINES) console.log(`(the last ${SHOWN_LINES} of ${trace.length} lines)`)
  for (const line of said) console.log(`seed ${seed}: ${line}`)
  console.log(`seed ${seed}: ${said.length === 0 ? 'green' : 'RED'}, ${steps} steps`)
  if (said.length > 0) console.log(`again: npm run campaign -- --simulated --seed ${seed}`)
  return said.length === 0
}
