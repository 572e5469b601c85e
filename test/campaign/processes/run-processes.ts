/** The half of the campaign that has real processes: house after house, round after round, until there is no time left. */
import { whyNoKafka } from '../../../core/log/kafka/testing/test-broker.ts'
import { makeNewerRevwall } from '../../cli/newer-revwall.ts'
import { type TemporaryFolder, temporaryFolder } from '../../cli/temporary-folder.ts'
import { Random } from '../../oracle/random.ts'
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
  isQuick: boolean
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
  let fallen = 0
  try {
    makeNewer(newer)
    for (let seed = options.seed; performance.now() < until && fallen < MAX_FALLEN; seed++) {
      const layout = layoutOf(seed, options.log)
      console.log(
        `seed ${seed}: log ${layout.log}, ClickHouse ${layout.clickhouse}${layout.hasSmallDisk ? ', small disk' : ''}`,
      )
      const world = await openProcessWorld(layout, pace, newer.path)
      const onRound = (round: Round) => {
        rounds.push(round)
        tellRound(seed, round)
        if (round.said.length > 0) tellFall(options, seed, layout, world)
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
  tellSummary(rounds)
  return fallen === 0
}

function makeNewer(folder: TemporaryFolder): void {
  makeNewerRevwall(folder.path)
}

export function layoutOf(seed: number, log?: Layout['log']): Layout {
  const random = new Random(seed)
  const byChance = random.chance(0.5) && whyNoKafka() === undefined ? 'kafka' : 'embedded'
  return {
    log: log ?? byChance,
    clickhouse: random.pick(['hosted', 'apart']),
    hasSmallDisk: random.chance(0.5),
  }
}

function tellRound(seed: number, { nth, faults, said, recoveredMs, auditedMs, orders }: Round): void {
  const times = `taken after ${seconds(recoveredMs)}, views right after ${seconds(auditedMs)} more`
  const what = said.length === 0 ? `survived, ${times}; ${orders} orders, 0 differences` : 'FELL'
  console.log(`seed ${seed}, round ${nth}: ${faults.join(' + ')}: ${what}`)
  for (const line of said) console.log(`  ${line}`)
}

const LAST_LINES = 15

function tellFall({ isQuick, log }: ProcessOptions, seed: number, layout: Layout, world: ProcessWorld): void {
  const lines = world.house.told().split(/^(?=(?:api|ingest|process \d):\n)/m)
  for (const each of lines)
    console.log([each.split('\n')[0], ...each.trim().split('\n').slice(-LAST_LINES)].join('\n  '))
  const given = log === undefined ? '' : ` --log ${layout.log}`
  console.log(`again: npm run campaign -- --seed ${seed} --minutes 30${given}${isQuick ? ' --quick' : ''}`)
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
