/** `npm run campaign`: random faults, far more of them than a test has time for. */
import { parseArgs } from 'node:util'
import { faultNamed } from './processes/faults.ts'
import { FULL_PACE, LONG_AWAY_MS, QUICK_PACE } from './processes/pace.ts'
import { runProcesses } from './processes/run-processes.ts'
import { runMutants, runSeeds, showSeed } from './simulated/run-simulated.ts'

const { values } = parseArgs({
  options: {
    simulated: { type: 'boolean' },
    seed: { type: 'string' },
    seeds: { type: 'string' },
    minutes: { type: 'string' },
    mutants: { type: 'boolean' },
    log: { type: 'string' },
    quick: { type: 'boolean' },
    long: { type: 'boolean' },
    faults: { type: 'string' },
    help: { type: 'boolean' },
  },
})

const HELP = `Usage: npm run campaign [-- --minutes M] [--seed S] [--log embedded|kafka] [--quick] [--long] [--faults "A + B"]
       npm run campaign -- --simulated [--seed S] [--seeds N] [--minutes M] [--mutants]

Runs the pipeline as real processes and breaks it: roles, ClickHouse, the broker, the connections, the disk, the clock, one
or several at random moments. After each of them the oracle compares the seller's books with log, table, views and api. A
seed is a house of eight rounds; what it has and what befalls it follows from the seed: of four that follow each other one
has each log with each ClickHouse, and no fault comes again before all that fit have come. Exit code 1 when one falls.

  --minutes M    no round begins later (default: 20)
  --seed S       the first house (default: 1); the next ones follow
  --log L        embedded or kafka (default: by the seed, where java and mvn are there)
  --quick        seconds of selling and of faults instead of a minute
  --long         ClickHouse is away for ten minutes at a time, not for one (or ten seconds)
  --faults "A + B"
                 these in every round, of which the house has what they strike; a wrong name lists them all

With --simulated the batch protocol alone, on a simulated log, warehouse, clock and network in one process: the product's
own code, killed, paused and cut at any step, one seed after the other. First every mutant (a deliberate fault of the
protocol) must be found; then seeds are tried until there is no time left. Exit code 1 when one turns red, with its seed.

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
  const isGood = await (values.simulated ? simulate() : breakProcesses())
  return isGood ? 0 : 1
}

function breakProcesses(): Promise<boolean> {
  const { log, quick, long, faults } = values
  if (log !== undefined && log !== 'embedded' && log !== 'kafka')
    throw new Error(`--log takes embedded or kafka, not ${log}`)
  const pace = quick ? QUICK_PACE : FULL_PACE
  return runProcesses({
    seed: numberOf('seed', values.seed, 1),
    minutes: numberOf('minutes', values.minutes, 20),
    ...(log && { log }),
    pace: long ? { ...pace, awayMs: LONG_AWAY_MS } : pace,
    given: `${quick ? ' --quick' : ''}${long ? ' --long' : ''}${faults ? ` --faults "${faults}"` : ''}`,
    ...(faults && { faults: faults.split('+').map((name) => faultNamed(name.trim())) }),
  })
}

async function simulate(): Promise<boolean> {
  const first = numberOf('seed', values.seed, 1)
  const isRange = values.seeds !== undefined || values.minutes !== undefined
  if (values.seed !== undefined && !isRange) return showSeed(first)
  if (!isRange || values.mutants) {
    const areFound = await runMutants()
    if (!areFound || values.mutants) return areFound
  }
  const seeds = numberOf('seeds', values.seeds, Number.POSITIVE_INFINITY)
  const lasts = values.seeds === undefined ? 2 : Number.POSITIVE_INFINITY
  return runSeeds({ first, seeds, minutes: numberOf('minutes', values.minutes, lasts) })
}

function numberOf(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new Error(`--${name} takes a number above 0, not ${text}`)
}
