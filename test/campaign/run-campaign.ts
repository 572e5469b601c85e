/** `npm run campaign`: random faults, far more of them than a test has time for. */
import { parseArgs } from 'node:util'
import { runMutants, runSeeds, showSeed } from './simulated/run-simulated.ts'

const { values } = parseArgs({
  options: {
    simulated: { type: 'boolean' },
    seed: { type: 'string' },
    seeds: { type: 'string' },
    minutes: { type: 'string' },
    mutants: { type: 'boolean' },
    help: { type: 'boolean' },
  },
})

const HELP = `Usage: npm run campaign [-- --simulated] [--seed S] [--seeds N] [--minutes M] [--mutants]

Tries the batch protocol on a simulated log, warehouse, clock and network in one process: the product's own code,
killed, paused and cut at any step, one seed after the other. First every mutant (a deliberate fault of the
protocol) must be found; then seeds are tried until there is no time left. Exit code 1 when one turns red, with
its seed and what was done in it.

  --simulated    this half alone; it is the only one so far: the half that kills real processes comes later
  --seed S       alone: this one seed, with all that was done in it. With --seeds or --minutes: the first of them
  --seeds N      so many seeds (default: as many as there is time for)
  --minutes M    so long (default: 2, or without end where --seeds is given)
  --mutants      the mutants alone`

process.exitCode = await main()

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const first = numberOf('seed', values.seed, 1)
  const isRange = values.seeds !== undefined || values.minutes !== undefined
  if (values.seed !== undefined && !isRange) return (await showSeed(first)) ? 0 : 1
  if (!isRange || values.mutants) {
    const areFound = await runMutants()
    if (!areFound || values.mutants) return areFound ? 0 : 1
  }
  const seeds = numberOf('seeds', values.seeds, Number.POSITIVE_INFINITY)
  const minutes = numberOf(
    'minutes',
    values.minutes,
    values.seeds === undefined ? 2 : Number.POSITIVE_INFINITY,
  )
  return (await runSeeds({ first, seeds, minutes })) ? 0 : 1
}

function numberOf(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new Error(`--${name} takes a number above 0, not ${text}`)
}
