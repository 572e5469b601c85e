/**
 * What a refresh of one watched wall costs in CPU, in ClickHouse and in this process, and how long it takes from the
 * notice of a batch to its frame. By hand: node --import tsx api/testing/measure-refresh.ts [milliseconds between]
 */
import { readFileSync } from 'node:fs'
import { marks, type SampleOrder } from '../../clickhouse/queries/testing/insert-changes.ts'
import { openWall } from './open-wall.ts'
import { startTestApi } from './start-api.ts'

const DAYS = ['2011-11-17', '2011-11-16', '2011-11-10']
const BATCHES_A_DAY = 20
const ORDERS_A_BATCH = 200
const MEASURE_MS = 20_000
const betweenMs = Number(process.argv[2] ?? 250)

const api = await startTestApi()
const random = sequence(7)
let offset = 0
let orders = 0

await fill()
const wall = await openWall(api.url)
await wall.until(() => wall.tiles.hero !== undefined && wall.tiles.latest !== undefined, 20_000)
await pause(12_000)
const idle = await measure(async () => {})
const busy = await measure(() => tellOfADay())
report('a notice', idle, busy)
const latencies = await commitAndWait(40)
print(`commit to frame, quiet: p50 ${quantile(latencies, 0.5)} ms, p95 ${quantile(latencies, 0.95)} ms`)
await wall.close()
await api.stop()

async function fill(): Promise<void> {
  for (const day of DAYS)
    for (let batch = 0; batch < BATCHES_A_DAY; batch++) await commit(day, ORDERS_A_BATCH)
}

async function commit(day: string, count: number): Promise<void> {
  const first = offset
  offset += 10
  const at = { upTo: '2011-11-17T18:00:00Z', polledAt: new Date().toISOString(), speed: 60, pass: 1 }
  const rows = Array.from({ length: count }, () => sample(day))
  await api.insert([
    ...rows,
    ...marks(4, { first, last: offset - 1, progress: [{ tenant: 'acme', ...at }], rows: count }),
  ])
  for (let partition = 0; partition < 4; partition++)
    await api.notice({ partition, first, last: offset - 1, touched: [{ tenant: 'acme', days: [day] }] })
}

function sample(day: string): SampleOrder {
  orders += 1
  const minute = Math.floor(random() * 600) + 480
  const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
  const amount = `${Math.floor(random() * 400)}.${10 + Math.floor(random() * 89)}`
  return {
    tenant: 'acme',
    orderId: `O${orders}`,
    entries: [{ at: `${day}T${time}:00Z`, kind: 'sale', amount, units: '3' }],
    customer: random() < 0.1 ? '' : `c${Math.floor(random() * 2_000)}`,
    country: ['United Kingdom', 'Germany', 'France', 'Norway', 'Brazil'][Math.floor(random() * 5)]!,
    lines: [1, 2, 3].map(() => {
      const sku = `s${Math.floor(random() * 500)}`
      return { sku, name: `Article ${sku}`, quantity: '1', amount: '3.10' }
    }),
  }
}

/** A notice of what is there already: all of it is read, and nothing but the reading costs. */
function tellOfADay(): Promise<void> {
  return api.notice({ first: offset, last: offset, touched: [{ tenant: 'acme', days: [DAYS[0]!] }] })
}

async function measure(act: () => Promise<void>) {
  const before = cpu()
  const queries = await queryCount()
  const end = performance.now() + MEASURE_MS
  let acts = 0
  while (performance.now() < end) {
    await act()
    acts += 1
    await pause(betweenMs)
  }
  const after = cpu()
  return {
    acts,
    clickhouse: after.clickhouse - before.clickhouse,
    node: after.node - before.node,
    queries: (await queryCount()) - queries,
  }
}

type Cost = Awaited<ReturnType<typeof measure>>

function report(what: string, idle: Cost, busy: Cost): void {
  const per = (name: 'clickhouse' | 'node' | 'queries') =>
    ((busy[name] - idle[name]) / busy.acts).toFixed(name === 'queries' ? 1 : 2)
  print(
    `${what} (${busy.acts} in ${MEASURE_MS / 1_000} s): ${per('queries')} queries, ` +
      `${per('clickhouse')} ms CPU in ClickHouse, ${per('node')} ms in Node; ` +
      `idle ${(idle.clickhouse / 20).toFixed(1)} and ${(idle.node / 20).toFixed(1)} ms a second, ${idle.queries} queries`,
  )
}

/** How long a batch that is committed in quiet takes to the frame that has it. */
async function commitAndWait(times: number): Promise<number[]> {
  const latencies: number[] = []
  for (let i = 0; i < times; i++) {
    const before = wall.tiles.hero!.today.orders
    const first = offset
    await commit(DAYS[0]!, 1)
    const committed = performance.now()
    await wall.until(() => wall.tiles.hero!.today.orders > before && offset > first, 10_000)
    latencies.push(Math.round(performance.now() - committed))
    await pause(400 + random() * 300)
  }
  return latencies.sort((a, b) => a - b)
}

/** ms of CPU so far; ClickHouse's with all its threads. */
function cpu() {
  const stat = readFileSync(`/proc/${api.db.engine.pid}/stat`, 'utf8')
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number)
  const own = process.cpuUsage()
  return { clickhouse: (user + system) * 10, node: (own.user + own.system) / 1_000 }
}

async function queryCount(): Promise<number> {
  const text = await api.registry.getSingleMetricAsString('revwall_api_query_seconds')
  return Number(/revwall_api_query_seconds_count\{who="hub"\} (\d+)/.exec(text)?.[1] ?? 0)
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN
}

/** The same numbers in each run. */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
