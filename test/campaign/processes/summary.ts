/** What a campaign has tried: fault by fault, how often, how often it was survived, and how long the recovery took. */
import type { Round } from './play-house.ts'

export function tellSummary(rounds: readonly Round[]): void {
  const names = [...new Set(rounds.flatMap(({ faults }) => faults))].sort()
  const width = Math.max(...names.map(({ length }) => length), 'fault'.length)
  console.log(`${'fault'.padEnd(width)}  tried  survived  taken after, median / longest`)
  for (const name of names) {
    const tried = rounds.filter(({ faults }) => faults.includes(name))
    const survived = tried.filter(({ said }) => said.length === 0)
    const times = survived.map(({ recoveredMs }) => recoveredMs).sort((a, b) => a - b)
    const median = times[times.length >> 1]
    const took = median === undefined ? '—' : `${inSeconds(median)} / ${inSeconds(times.at(-1)!)}`
    console.log(
      `${name.padEnd(width)}  ${String(tried.length).padStart(5)}  ${String(survived.length).padStart(8)}  ${took}`,
    )
  }
  const survived = rounds.filter(({ said }) => said.length === 0).length
  console.log(`campaign: ${rounds.length} rounds, ${survived} survived`)
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
