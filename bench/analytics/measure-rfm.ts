/**
 * RFM of all customers by two threads beside a plain loop over objects, which has to give the same cells; a change of
 * one customer in live thresholds; and the fits of customers' value on CDNOW, whose likelihoods are published.
 */
import { Piscina } from 'piscina'
import { fitBgNbd, groupPurchases, type PurchaseGroups } from '../../processors/rfm/fit-bg-nbd.ts'
import { fitGammaGamma } from '../../processors/rfm/gamma-gamma.ts'
import { type CustomerValues, LiveThresholds } from '../../processors/rfm/live-thresholds.ts'
import { predictRange } from '../../processors/rfm/predict-value.ts'
import { type RepeatPurchases, repeatPurchases } from '../../processors/rfm/repeat-purchases.ts'
import type { RfmColumns } from '../../processors/rfm/rfm-columns.ts'
import { type ScoreAnswer, type ScoreTask, scoreInRanges } from '../../processors/rfm/score-in-ranges.ts'
import { CDNOW_END, readCdnowFull, readCdnowSample } from '../../processors/rfm/testing/read-cdnow.ts'
import { startTestEngine } from '../../test/with-engine.ts'
import { benchPart } from '../bench-part.ts'
import type { Measurement } from '../measurement.ts'
import { quantile } from '../quantile.ts'
import { differentInClickHouse, scoreInClickHouse, storeCustomers } from './rfm-clickhouse.ts'
import { benchCustomers, TODAY } from './rfm-customers.ts'
import { plainCustomers, scorePlainly } from './rfm-plain-loop.ts'

const THREADS = 2
const ENGINE_BYTES = 8 * 2 ** 30
const ROUNDS = 5
const SIZES: [name: string, customers: number, aimMs: number | null][] = [
  ['100k', 100_000, null],
  ['1m', 1_000_000, null],
  ['10m', 10_000_000, 500],
]
const CHANGES = 200_000
const CHANGES_PER_CUT = 1_000
/** lifetimes 0.11.3 on such a machine, for the sample and for all customers. */
const LIFETIMES_MS = { sample: 58, full: 201 }
const PUBLISHED = { bgNbd: -9_582.43, gammaGamma: -4_055.92 }

export async function measureRfm(): Promise<Measurement[]> {
  const { file, execArgv } = benchPart('analytics/rfm-score.worker.ts')
  const pool = new Piscina({ filename: file, execArgv, minThreads: THREADS, maxThreads: THREADS })
  try {
    const scores: Measurement[] = []
    for (const [name, customers, aim] of SIZES)
      scores.push(...(await measureScores(pool, name, customers, aim)))
    return [...scores, measureLive(), ...measureFits()]
  } finally {
    await pool.destroy()
  }
}

async function measureScores(
  pool: Piscina,
  name: string,
  customers: number,
  aim: number | null,
): Promise<Measurement[]> {
  const columns = benchCustomers(customers)
  const cells = new Uint8Array(new SharedArrayBuffer(customers))
  const run = (task: ScoreTask) => pool.run(task) as Promise<ScoreAnswer>
  const scoring = () => scoreInRanges({ columns, cells, ranges: THREADS, run })
  // Code is compiled and the threads are up.
  await scoring()
  const scored = await medianMs(scoring)
  const rivals = plainCustomers(columns, TODAY)
  const plain = await medianMs(async () => scorePlainly(rivals), 1)
  const others = rivals.reduce((count, { cell }, row) => count + Number(cell !== cells[row]), 0)
  return [
    { ...ms(`rfm.score_${name}_ms`, scored), aim },
    ms(`rfm.plain_loop_${name}_ms`, plain),
    different(`rfm.score_${name}_different`, others),
    ...(await inClickHouse(name, columns, cells)),
  ]
}

function different(name: string, value: number): Measurement {
  return { name, value, unit: 'difference', aim: 0, lowerIsBetter: true }
}

async function inClickHouse(name: string, columns: RfmColumns, cells: Uint8Array): Promise<Measurement[]> {
  const { warehouse, stop } = await startTestEngine({ maxServerMemoryBytes: ENGINE_BYTES })
  try {
    await storeCustomers(warehouse, columns, cells)
    const scored = await medianMs(() => scoreInClickHouse(warehouse, TODAY), 3)
    return [
      ms(`rfm.clickhouse_${name}_ms`, scored),
      different(`rfm.clickhouse_${name}_different`, await differentInClickHouse(warehouse)),
    ]
  } finally {
    await stop()
  }
}

/** With a million customers; the cuts are asked for once in a thousand changes, as a batch of orders does. */
function measureLive(): Measurement {
  const columns = benchCustomers(1_000_000)
  const live = LiveThresholds.of(columns)
  const start = performance.now()
  for (let change = 0; change < CHANGES; change++) {
    const row = (change * 7_919) % 1_000_000
    const from = customerAt(columns, row)
    const to = {
      lastDay: TODAY,
      orders: from.orders + 1,
      monetaryE4: from.monetaryE4 + 450_000 + change * 100,
    }
    live.change(from, to)
    columns.lastDay[row] = to.lastDay
    columns.orders[row] = to.orders
    columns.monetaryE4[row] = to.monetaryE4
    if (change % CHANGES_PER_CUT === 0) live.cuts()
  }
  const value = ((performance.now() - start) * 1_000) / CHANGES
  return { name: 'rfm.live_change_us', value, unit: 'µs/order', aim: null, lowerIsBetter: true }
}

function customerAt({ lastDay, orders, monetaryE4 }: RfmColumns, row: number): CustomerValues {
  return { lastDay: lastDay[row]!, orders: orders[row]!, monetaryE4: monetaryE4[row]! }
}

function measureFits(): Measurement[] {
  const { rows, customers } = readCdnowSample()
  const purchases = repeatPurchases(rows, customers, CDNOW_END)
  const full = readCdnowFull()
  const everybody = ungrouped(full)
  const bgNbd = timed(() => fitBgNbd(groupPurchases(purchases)))
  // Grouped in the measured time: that is where a tenant's columns begin.
  const bgNbdFull = timed(() => fitBgNbd(groupPurchases(everybody)))
  const gammaGamma = timed(() => fitGammaGamma(purchases))
  if (
    bgNbd.result.type === 'refused' ||
    gammaGamma.result.type === 'refused' ||
    bgNbdFull.result.type === 'refused'
  )
    throw new Error('a fit of CDNOW was refused')
  const models = { bgNbd: bgNbdFull.result.model, gammaGamma: gammaGamma.result.model }
  const count = everybody.repeats.length
  const column = () => new Float64Array(count)
  const predictions = { aliveProbability: column(), purchases: column(), valueE4: column() }
  const predicted = timed(() => predictRange(models, everybody, { from: 0, to: count }, predictions))
  return [
    { ...ms('rfm.bg_nbd_sample_ms', bgNbd.ms), aim: LIFETIMES_MS.sample },
    { ...ms('rfm.bg_nbd_23570_ms', bgNbdFull.ms), aim: LIFETIMES_MS.full },
    ms('rfm.gamma_gamma_sample_ms', gammaGamma.ms),
    ms('rfm.predict_23570_ms', predicted.ms),
    ...likelihood('bg_nbd_sample', bgNbd.result.logLikelihood, PUBLISHED.bgNbd),
    ...likelihood('gamma_gamma_sample', gammaGamma.result.logLikelihood, PUBLISHED.gammaGamma),
  ]
}

/** The log-likelihood, and how far it is from the published one, which has two decimals. */
function likelihood(name: string, value: number, published: number): Measurement[] {
  const unit = 'log-likelihood'
  return [
    { name: `rfm.${name}_log_likelihood`, value, unit, aim: published - 0.005, lowerIsBetter: false },
    {
      name: `rfm.${name}_log_likelihood_off`,
      value: Math.abs(value - published),
      unit,
      aim: 0.005,
      lowerIsBetter: true,
    },
  ]
}

function ungrouped({ repeats, lastAfterDays, ageDays, customers }: PurchaseGroups): RepeatPurchases {
  const groups = Array.from(customers, (count, at) => new Array<number>(count).fill(at)).flat()
  return {
    repeats: Int32Array.from(groups, (at) => repeats[at]!),
    lastAfterDays: Int32Array.from(groups, (at) => lastAfterDays[at]!),
    ageDays: Int32Array.from(groups, (at) => ageDays[at]!),
    meanValueE4: new Float64Array(groups.length).fill(350_000),
  }
}

function timed<T>(action: () => T): { result: T; ms: number } {
  let result = action()
  const times = Array.from({ length: ROUNDS }, () => {
    const start = performance.now()
    result = action()
    return performance.now() - start
  })
  return {
    result,
    ms: quantile(
      times.sort((a, b) => a - b),
      0.5,
    ),
  }
}

async function medianMs(action: () => Promise<unknown>, rounds = ROUNDS): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    await action()
    times.push(performance.now() - start)
  }
  return quantile(
    times.sort((a, b) => a - b),
    0.5,
  )
}

function ms(name: string, value: number): Measurement {
  return { name, value, unit: 'ms', aim: null, lowerIsBetter: true }
}
