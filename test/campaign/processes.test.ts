/** The half of the campaign with real processes, as much of it as every test run has time for: one house, two rounds. */
import { expect, it } from 'vitest'
import { faultNamed } from './processes/faults.ts'
import { QUICK_PACE } from './processes/pace.ts'
import { playHouse, type Round } from './processes/play-house.ts'
import { openProcessWorld } from './processes/process-world.ts'

const SEED = 7
const ROUNDS = [
  // A kill of ClickHouse may leave a barrier that lasts half a minute: that is tried in test/faults, and in campaigns.
  ['a processor is killed', 'the clock is set back'],
  ['two processors fight for every partition', 'ingest is told to end'],
].map((names) => names.map(faultNamed))
const LAYOUT = { log: 'embedded', clickhouse: 'hosted', hasSmallDisk: false } as const

it('survives a fixed choice of faults with every number right', async () => {
  const pace = { ...QUICK_PACE, steadyMs: [500, 1_500], holdMs: 1_500 } as const
  const world = await openProcessWorld(LAYOUT, pace, undefined)
  const rounds: Round[] = []
  try {
    const onRound = (round: Round) => {
      rounds.push(round)
      const { faults, recoveredMs, orders, said } = round
      console.log(
        `campaign: ${faults.join(' + ')}: taken after ${recoveredMs.toFixed()} ms, ${orders} orders, ${said.length} differences`,
      )
      if (said.length > 0) console.log(world.house.told())
    }
    const until = Number.POSITIVE_INFINITY
    await playHouse(world, { seed: SEED, rounds: ROUNDS.length, faults: ROUNDS, until, onRound })
  } finally {
    await world.dispose()
  }
  expect(rounds.flatMap(({ said }) => said)).toEqual([])
  expect(rounds).toHaveLength(ROUNDS.length)
})
