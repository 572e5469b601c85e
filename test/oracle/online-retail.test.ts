import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromE4 } from '../../core/contracts/money.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { createReplaySource, type ReplaySource } from '../../ingest/sources/replay/replay-source.ts'
import {
  SHIPPED_CURRENCY,
  SHIPPED_FILE,
  SHIPPED_TIME_ZONE,
} from '../../ingest/sources/replay/shipped-file.ts'
import { startTestEngine, type TestEngine } from '../with-engine.ts'
import { checkDeadLetters } from './check-dead-letters.ts'
import { checkInvariants } from './check-invariants.ts'
import { checkMarks } from './check-marks.ts'
import { checkViews } from './check-views.ts'
import { diffLedgers } from './diff-ledgers.ts'
import type { Ledger } from './ledger.ts'
import { openPipeline, type Pipeline } from './pipeline.ts'
import { readBaseLedger } from './read-base.ts'
import { type CsvBooks, readCsvBooks } from './read-csv-books.ts'
import { booksOfRows, foldLog } from './read-log.ts'
import { VIEW_READERS } from './read-views.ts'
import { sumText } from './sum-text.ts'

const TENANT = {
  id: 'online-retail',
  name: 'Online Retail',
  timeZone: SHIPPED_TIME_ZONE,
  currency: SHIPPED_CURRENCY,
}
const DATABASE = 'oracle_retail'
/** Σ quantity × price over all lines of the file. */
const REFERENCE_E4 = 97_477_479_340n
const REFERENCE_LINES = 541_909

let engine: TestEngine
let pipeline: Pipeline
let source: ReplaySource
let csv: CsvBooks
let faults: string[]
beforeAll(async () => {
  engine = await startTestEngine()
  pipeline = await openPipeline({
    warehouse: engine.warehouse,
    database: DATABASE,
    tenants: [TENANT],
    maxRecords: 2_500,
  })
  source = createReplaySource({
    file: SHIPPED_FILE,
    tenant: TENANT.id,
    timeZone: TENANT.timeZone,
    log: pipeline.log,
    clock: systemClock,
    logger: silentLogger,
    all: true,
  })
  await source.run(new AbortController().signal)
  faults = await pipeline.settle()
  csv = readCsvBooks(SHIPPED_FILE, TENANT.id, source.source, TENANT.currency)
})
afterAll(async () => {
  await pipeline.dispose()
  await engine.stop()
})

/** The file tells days and money; orders, their status and their sale day are the source's reading of it. */
const money = (ledger: Ledger) => ledger.onAxis('booked').withoutStatus().withoutOrders()
const scope = () => ({ warehouse: engine.warehouse, database: DATABASE })

describe('the oracle over a year of Online Retail', () => {
  it('knows the file', () => {
    expect(faults).toEqual([])
    expect(csv.lines).toBe(REFERENCE_LINES)
    expect(csv.totalE4).toBe(REFERENCE_E4)
  })

  it('finds every day of the file in log, order_changes and each view', async () => {
    const expected = money(csv.books.ledger())
    const folded = await foldLog({
      log: pipeline.log,
      topic: 'orders',
      tenants: new Map([[TENANT.id, TENANT]]),
    })
    const base = await readBaseLedger(scope())
    const said = [
      ...diffLedgers('a fold of the log', money(booksOfRows(folded.values()).ledger()), expected),
      ...diffLedgers('order_changes', money(base), expected),
      ...diffLedgers(
        'the sale axis',
        base.onAxis('sale').without('day', 'status', 'axis').withoutOrders(),
        expected.without('day', 'status', 'axis'),
      ),
    ]
    for (const { view, read, expected: bring } of VIEW_READERS)
      said.push(...diffLedgers(view, money(await read(scope(), [TENANT])), money(bring(csv.books))))
    console.log(
      `oracle, Online Retail: ${csv.lines} lines, ${folded.size} orders, ${pipeline.batches()} batches, ${expected.size} days, ` +
        `Σ ${fromE4(csv.totalE4)} GBP: ${said.length} differences in a fold of the log, order_changes and ${VIEW_READERS.length} views`,
    )
    expect(said).toEqual([])
  })

  it('finds every month of every country', async () => {
    const rows = await engine.warehouse.query<{ bucket: string; amount: string }>(
      `SELECT concat(formatDateTime(day, '%Y-%m'), ' ', country) AS bucket, sum(booked_revenue) AS amount
       FROM ${DATABASE}.quarter_hours_v1 GROUP BY bucket`,
    )
    const found = new Map(rows.map(({ bucket, amount }) => [bucket, sumText(amount)]))
    const buckets = [...new Set([...csv.byMonthAndCountry.keys(), ...found.keys()])]
    const said = buckets.flatMap((bucket) => {
      const [here, there] = [found.get(bucket) ?? 0n, csv.byMonthAndCountry.get(bucket) ?? 0n]
      return here === there ? [] : [`${bucket}: ${fromE4(here)}, the file says ${fromE4(there)}`]
    })
    const months = new Set([...csv.byMonthAndCountry.keys()].map((bucket) => bucket.slice(0, 7)))
    console.log(
      `oracle, Online Retail: ${csv.byMonthAndCountry.size} buckets of ${months.size} months and their countries: ${said.length} differences`,
    )
    expect(said).toEqual([])
  })

  it('has every line in the orders, none of them dead', async () => {
    const [row] = await engine.warehouse.query<{ lines: string }>(
      `SELECT sum(sign * (length(line_sku) + length(refund_line_sku))) AS lines FROM ${DATABASE}.order_changes`,
    )
    expect(Number(row!.lines)).toBe(REFERENCE_LINES)
    expect(await checkDeadLetters(pipeline.log, [])).toEqual([])
  })

  it('finds marks, revisions, before-images and views as they must be', async () => {
    const said = [
      ...(await checkInvariants(scope())),
      ...(await checkMarks(scope(), pipeline.log, 'orders')),
      ...(await checkViews(scope())),
    ]
    console.log(`oracle, Online Retail: marks, revisions, before-images and views: ${said.length} faults`)
    expect(said).toEqual([])
  })
})
