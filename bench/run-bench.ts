/** `npm run bench`: what the README claims, measured. */

import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { measureLatency } from './measure-latency.ts'
import { measureLoad } from './measure-load.ts'
import { measurePipeline } from './measure-pipeline.ts'
import { measureStart } from './measure-start.ts'
import type { Measurement } from './measurement.ts'

const PARTS: Record<string, () => Promise<Measurement[]>> = {
  start: measureStart,
  history: measureLoad,
  embedded: measurePipeline,
  live: measureLatency,
}

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' } } })
const wanted = Object.entries(PARTS).filter(
  ([part]) => values.only === undefined || values.only.startsWith(part),
)
if (wanted.length === 0)
  throw new Error(`--only takes a name that begins with ${Object.keys(PARTS).join(', ')}`)

console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, node ${process.version}, ${new Date().toISOString().slice(0, 10)}`,
)
const results: Measurement[] = []
for (const [, measure] of wanted) {
  for (const result of await measure()) {
    results.push(result)
    console.log(lineOf(result))
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)

function lineOf({ name, value, unit, aim, lowerIsBetter }: Measurement): string {
  const text = `${name.padEnd(32)} ${value.toFixed(['s', 'µs/order'].includes(unit) ? 2 : 0).padStart(10)} ${unit.padEnd(8)}`
  if (aim === null) return text
  const met = lowerIsBetter ? value <= aim : value >= aim
  return `${text} aim ${lowerIsBetter ? '≤' : '≥'} ${aim}${met ? '' : '  MISSED'}`
}
