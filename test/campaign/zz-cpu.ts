import { trySeed } from '/work/wt/campaign/test/campaign/simulated/try-seed.ts'

Error.stackTraceLimit = 0
const n = Number(process.argv[2] ?? 200)
for (let s = 1; s <= 20; s++) await trySeed(s)
const c0 = process.cpuUsage()
let steps = 0
const slow: [number, number, number][] = []
for (let s = 21; s < 21 + n; s++) {
  const a = process.cpuUsage()
  const v = await trySeed(s)
  const b = process.cpuUsage(a)
  steps += v.steps
  slow.push([b.user + b.system, s, v.steps])
}
const c = process.cpuUsage(c0)
console.log(
  'cpu ms per seed',
  (c.user + c.system) / 1000 / n,
  'user',
  c.user / 1000 / n,
  'steps/seed',
  steps / n,
)
slow.sort((a, b) => b[0] - a[0])
console.log(slow.slice(0, 8), 'median', slow[n >> 1])
