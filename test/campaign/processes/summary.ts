/** What a campaign has tried: fault by fault, how often, how often it was survived, and how long the recovery took. */
import { FAULTS } from './faults.ts'
import type { Round } from './play-house.ts'

export function tellSummary(seeds: readonly number[], rounds: readonly Round[]): void {
  const names = [...new Set(rounds.flatMap(({ faults }) => faults))].sort()
  const width = Math.max(...names.map(({ length }) => length), 'fault'.length)
  console.log(`${'fault'.padEnd(width)}  tried  survived  taken after, median / longest`)
  let isEachSurvived = 0
  for (const name of names) {
    const tried = rounds.filter(({ faults }) => faults.includes(name))
    const survived = tried.filter(isSurvived)
    if (survived.length === tried.length) isEachSurvived += 1
    const times = survived.map(({ recoveredMs }) => recoveredMs).sort((a, b) => a - b)
    const median = times[times.length >> 1]
    const took = median === undefined ? '—' : `${inSeconds(median)} / ${inSeconds(times.at(-1)!)}`
    console.log(
      `${name.padEnd(width)}  ${String(tried.length).padStart(5)}  ${String(survived.length).padStart(8)}  ${took}`,
    )
  }
  const never = FAULTS.filter(({ name }) => !names.includes(name)).map(({ name }) => name)
  if (never.length > 0) console.log(`not struck this time: ${never.join(', ')}`)
  const struck = rounds.reduce((sum, { faults }) => sum + faults.length, 0)
  console.log(
    `campaign: seeds ${seeds[0]} to ${seeds.at(-1)}, ${rounds.length} rounds, ${rounds.filter(isSurvived).length} survived; ` +
      `${struck} faults of ${names.length} kinds, ${isEachSurvived} of them survived every time`,
  )
}

function isSurvived({ said }: Round): boolean {
  return said.length === 0
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
