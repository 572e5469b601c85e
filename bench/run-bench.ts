/** `npm run bench`: what the README claims, measured. */

import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { measureAnomaly } from './analytics/measure-anomaly.ts'
import { measureForecast } from './analytics/measure-forecast.ts'
import { measureRfm } from './analytics/measure-rfm.ts'
import { measureAnalytics } from './measure-analytics.ts'
import { measureFanOut } from './measure-fan-out.ts'
import { measureKafka } from './measure-kafka.ts'
import { measureLatency } from './measure-latency.ts'
import { measureLoad, measureSimulated } from './measure-load.ts'
import { measureGrowth, measurePipeline } from './measure-pipeline.ts'
import { measureSoak } from './measure-soak.ts'
import { measureStages } from './measure-stages.ts'
import { measureStart } from './measure-start.ts'
import { measureWall } from './measure-wall.ts'
import type { Measurement } from './measurement.ts'

/** Decimals that are shown; none where it is not named. */
const DIGITS: Partial<Record<Measurement['unit'], number>> = {
  s: 2,
  'µs/order': 2,
  'µs/message': 2,
  KB: 1,
  'frames/s': 1,
  ratio: 2,
  score: 3,
  'log-likelihood': 2,
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    json: { type: 'string' },
    orders: { type: 'string' },
    millions: { type: 'string' },
    minutes: { type: 'string' },
    help: { type: 'boolean' },
  },
})

const PARTS: Record<string, () => Promise<Measurement[]>> = {
  start: measureStart,
  history: measureLoad,
  simulated: () => measureSimulated(numberOf('orders', values.orders, 200_000)),
  embedded: measurePipeline,
  kafka: measureKafka,
  stages: measureStages,
  growth: () => measureGrowth(numberOf('millions', values.millions, 1)),
  'embedded.order_to_frame': measureLatency,
  fanout: measureFanOut,
  rfm: measureRfm,
  forecast: () => measureForecast(),
  anomaly: measureAnomaly,
  analytics: measureAnalytics,
  soak: () => measureSoak(numberOf('minutes', values.minutes, 2)),
  wall: () => measureWall(numberOf('minutes', values.minutes, 2)),
}

const HELP = `Usage: npm run bench [-- --only PART] [--json FILE] [--orders N] [--millions N] [--minutes N]

Measures what the README claims, on this machine: ${Object.keys(PARTS).join(', ')}.

  --only PART    this one alone, or the one that a result's name belongs to
  --json FILE    also writes [{name, value, unit, aim}]
  --orders N     orders of \`simulated\` (default: 200000; the README's is 10000000)
  --millions N   \`growth\` goes up to so many million orders: 1, 10, 30 or 50 (default: 1)
  --minutes N    length of \`soak\` and \`wall\` (default: 2; the README's is 60, a day is 1440)`

if (values.help) {
  console.log(HELP)
  process.exit(0)
}
const wanted = partsOf(values.only)

console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, node ${process.version}, ${new Date().toISOString().slice(0, 10)}`,
)
const results: Measurement[] = []
for (const part of wanted) {
  for (const result of await PARTS[part]!()) {
    results.push(result)
    console.log(lineOf(result))
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)

function lineOf({ name, value, unit, aim, lowerIsBetter }: Measurement): string {
  const text = `${name.padEnd(32)} ${value.toFixed(DIGITS[unit] ?? 0).padStart(10)} ${unit.padEnd(8)}`
  if (aim === null) return text
  const met = lowerIsBetter ? value <= aim : value >= aim
  return `${text} aim ${lowerIsBetter ? '≤' : '≥'} ${aim}${met ? '' : '  MISSED'}`
}

function numberOf(name: string, text: string | undefined, fallback: number): number {
  const value = Number(text ?? fallback)
  if (Number.isFinite(value) && value > 0) return value
  throw new Error(`--${name} takes a number above 0, not ${text}`)
}

/** All that begin with the name, or else the one that it begins with. */
function partsOf(name: string | undefined): string[] {
  const parts = Object.keys(PARTS)
  if (name === undefined) return parts
  const within = parts.filter((part) => part === name || part.startsWith(`${name}.`))
  if (within.length > 0) return within
  const around = parts.filter((part) => name.startsWith(part)).sort((a, b) => b.length - a.length)
  if (around.length > 0) return around.slice(0, 1)
  throw new Error(`--only takes one of ${parts.join(', ')}`)
}
