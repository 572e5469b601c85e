/** The half of the campaign that has real processes: house after house, round after round, until there is no time left. */
import { whyNoKafka } from '../../../core/log/kafka/testing/test-broker.ts'
import { makeNewerRevwall } from '../../cli/newer-revwall.ts'
import { type TemporaryFolder, temporaryFolder } from '../../cli/temporary-folder.ts'
import type { Pace } from './pace.ts'
import { playHouse, type Round } from './play-house.ts'
import type { ProcessFault } from './process-fault.ts'
import { type Layout, openProcessWorld, type ProcessWorld } from './process-world.ts'
import { tellSummary } from './summary.ts'

export interface ProcessOptions {
  seed: number
  minutes: number
  /** Default: by the seed, where Kafka can be had. */
  log?: Layout['log']
  pace: Pace
  /** Its other arguments, as they were given: whoever repeats a seed needs them too. */
  given: string
  /** In every round, instead of a choice. */
  faults?: readonly ProcessFault[]
}

/** More houses that fell tell nothing new. */
const MAX_FALLEN = 3

/** True when all rounds were survived. */
export async function runProcesses(options: ProcessOptions): Promise<boolean> {
  const { pace, faults } = options
  const until = performance.now() + options.minutes * 60_000
  const newer = temporaryFolder('campaign-newer')
  const rounds: Round[] = []
  const seeds: number[] = []
  let fallen = 0
  try {
    makeNewer(newer)
    for (let seed = options.seed; performance.now() < until && fallen < MAX_FALLEN; seed++) {
      const layout = layoutOf(seed, options.log)
      seeds.push(seed)
      console.log(
        `seed ${seed}: log ${layout.log}, ClickHouse ${layout.clickhouse}${layout.hasSmallDisk ? ', small disk' : ''}`,
      )
      const world = await openProcessWorld(layout, pace, newer.path)
      const onRound = (round: Round) => {
        rounds.push(round)
        tellRound(seed, round)
        if (round.said.length > 0) tellFall(options, seed, world)
      }
      const each = faults && Array.from({ length: pace.rounds }, () => faults)
      try {
        if (!(await playHouse(world, { seed, rounds: pace.rounds, faults: each, until, onRound })))
          fallen += 1
      } finally {
        await world.dispose()
      }
    }
  } finally {
    newer.remove()
  }
  tellSummary(seeds, rounds)
  // Whoever has tried nothing has survived nothing.
  return fallen === 0 && rounds.length > 0
}

function makeNewer(folder: TemporaryFolder): void {
  makeNewerRevwall(folder.path)
}

/** Of four seeds that follow each other one has each; the small disk moves with the next four. */
const LAYOUTS = [
  { log: 'embedded', clickhouse: 'hosted' },
  { log: 'kafka', clickhouse: 'apart' },
  { log: 'embedded', clickhouse: 'apart' },
  { log: 'kafka', clickhouse: 'hosted' },
] as const

export function layoutOf(seed: number, log?: Layout['log']): Layout {
  const each = LAYOUTS[(seed - 1) % LAYOUTS.length]!
  const hasSmallDisk = (each.clickhouse === 'hosted') === (seed - 1) % (2 * LAYOUTS.length) < LAYOUTS.length
  const ofSeed = whyNoKafka() === undefined ? each.log : 'embedded'
  return { log: log ?? ofSeed, clickhouse: each.clickhouse, hasSmallDisk }
}

function tellRound(seed: number, { nth, faults, said, recoveredMs, auditedMs, orders }: Round): void {
  const times = `taken after ${seconds(recoveredMs)}, views right after ${seconds(auditedMs)} more`
  const what = said.length === 0 ? `survived, ${times}; ${orders} orders, 0 differences` : 'FELL'
  console.log(`seed ${seed}, round ${nth}: ${faults.join(' + ')}: ${what}`)
  for (const line of said) console.log(`  ${line}`)
}

const LAST_LINES = 15

function tellFall({ given }: ProcessOptions, seed: number, { layout, house }: ProcessWorld): void {
  const lines = house.told().split(/^(?=(?:api|ingest|process \d):\n)/m)
  for (const each of lines)
    console.log([each.split('\n')[0], ...each.trim().split('\n').slice(-LAST_LINES)].join('\n  '))
  console.log(`again: npm run campaign -- --seed ${seed} --minutes 60 --log ${layout.log}${given}`)
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
