import { trySeed } from './simulated/try-seed.ts'

const from = Number(process.argv[2] ?? 1),
  n = Number(process.argv[3] ?? 20),
  traced = process.argv[4] === 'trace'
const t0 = Date.now()
let steps = 0,
  bad = 0
const sum: any = {}
for (let s = from; s < from + n; s++) {
  const v = await trySeed(s, undefined, traced)
  steps += v.steps
  for (const [k, c] of Object.entries(v.counts)) sum[k] = (sum[k] ?? 0) + c
  if (v.said.length) {
    bad++
    console.log(s, v.said.slice(0, 3).join('\n     '))
  }
  if (traced) {
    console.log(JSON.stringify(v.plan))
    console.log(v.trace.slice(-Number(process.argv[5] ?? 150)).join('\n'))
  }
}
const ms = Date.now() - t0
const cpu = process.cpuUsage()
console.log(
  `${n} seeds, ${bad} bad, ${ms} ms, cpu ${((cpu.user + cpu.system) / 1000).toFixed(0)} ms, ${((n / ms) * 60000).toFixed(0)} seeds/min, ${steps} steps`,
  JSON.stringify(sum),
)
