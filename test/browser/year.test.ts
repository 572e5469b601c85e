/** The year of Online Retail: the file, ClickHouse, the API and the page say the same. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fromE4, sumToE4 } from '../../core/contracts/money.ts'
import { SHIPPED_FILE } from '../../ingest/sources/replay/shipped-file.ts'
import { type RevwallProcess, startRevwall } from '../cli/revwall-process.ts'
import { runRevwall } from '../cli/run-revwall.ts'
import { runningWarehouse } from '../cli/running-warehouse.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { openBrowser } from './open-browser.ts'
import { readWall } from './read-wall.ts'
import { sameAsClickHouse } from './same-as-clickhouse.ts'
import { type FileSums, sumTheFile } from './sum-the-file.ts'
import { watchConsole } from './watch-console.ts'

/** Written down once, from the file, so that a fault of the adding above does not pass. */
const REFERENCE = {
  lines: 541_909,
  revenue: '9747747.934',
  months: {
    '2010-12': '748957.02',
    '2011-01': '560000.26',
    '2011-02': '498062.65',
    '2011-03': '683267.08',
    '2011-04': '493207.121',
    '2011-05': '723333.51',
    '2011-06': '691123.12',
    '2011-07': '681300.111',
    '2011-08': '682680.51',
    '2011-09': '1019687.622',
    '2011-10': '1070704.67',
    '2011-11': '1461756.25',
    '2011-12': '433668.01',
  },
}
const LAST_DAY = '2011-12-09'

const sum = z.object({ revenue: z.string() })
const totals = z.object({
  lines: z.number(),
  total: sum,
  byMonth: z.array(sum.extend({ month: z.string() })),
  byCountry: z.array(sum.extend({ country: z.string() })),
  byMonthAndCountry: z.array(sum.extend({ month: z.string(), country: z.string() })),
})

const folder = temporaryFolder('year')
const file: FileSums = sumTheFile()
let browser: Browser
let up: RevwallProcess
let address: string

beforeAll(async () => {
  const env = { REVWALL_DATA: folder.path }
  const loaded = await runRevwall(['replay', SHIPPED_FILE, '--all'], env, 280_000)
  console.log(`replay --all: exit ${loaded.code}, ${loaded.stdout.trim().split('\n').at(-1)}`)
  expect(loaded.code, loaded.stderr).toBe(0)
  up = startRevwall({ args: ['up', '--no-replay'], folder: folder.path })
  address = await up.page()
  browser = await openBrowser()
})

afterAll(async () => {
  await browser?.close()
  await up?.dispose()
  folder.remove()
})

describe('the year of Online Retail', () => {
  it('is the file that we know', () => {
    expect(file.lines).toBe(REFERENCE.lines)
    expect(fromE4(file.allE4)).toBe(REFERENCE.revenue)
    const months = [...file.byMonth].map(([month, e4]) => [month, fromE4(e4)])
    expect(Object.fromEntries(months)).toEqual(REFERENCE.months)
  })

  it('has the same totals in the API: whole, by month, by country, and by both', async () => {
    const answer = await fetch(`${address}/api/v1/totals?from=2010-12-01&to=2011-12-31`)
    const { lines, total, byMonth, byCountry, byMonthAndCountry } = totals.parse(await answer.json())
    const letters = await deadLetters()
    console.log(
      `api: ${total.revenue} GBP in ${lines} lines and ${letters} dead letters, ${byMonth.length} months, ` +
        `${byCountry.length} countries, ${byMonthAndCountry.length} of both`,
    )
    expect(lines + letters).toBe(REFERENCE.lines)
    expect(sumToE4(total.revenue)).toBe(file.allE4)
    expect(sums(byMonth, ({ month }) => month)).toEqual(file.byMonth)
    expect(sums(byCountry, ({ country }) => country)).toEqual(file.byCountry)
    const both = sums(byMonthAndCountry, ({ month, country }) => `${month} ${country}`)
    expect(both).toEqual(file.byMonthAndCountry)
  })

  it('has them in the base table and the views, without drift', async () => {
    const warehouse = runningWarehouse(folder.path)
    const rows = await warehouse
      .query<{ revenue: string; orders: string }>(
        'SELECT sum(sign * arraySum(booked_amount)) AS revenue, sum(sign) AS orders ' +
          'FROM revwall_r1.order_changes WHERE sign != 0',
      )
      .finally(() => warehouse.close())
    const audit = await runRevwall(['audit', '--json'], { REVWALL_DATA: folder.path })
    const { driftE4, views } = JSON.parse(audit.stdout) as { driftE4: string; views: unknown[] }
    const { revenue, orders } = rows[0]!
    console.log(
      `ClickHouse: ${revenue} GBP, ${orders} documents; audit of ${views.length} views: drift ${driftE4}`,
    )
    expect(sumToE4(revenue)).toBe(file.allE4)
    expect({ code: audit.code, driftE4 }).toEqual({ code: 0, driftE4: '0' })
  })

  it('shows its last day on the page as ClickHouse and the file have it', async () => {
    const page = await browser.newPage()
    const complaints = watchConsole(page)
    await page.goto(address)
    await waitUntil('numbers', 20_000, async () => (await readWall(page)).revenue !== null)
    const warehouse = runningWarehouse(folder.path)
    const { wall } = await sameAsClickHouse(page, warehouse).finally(() => warehouse.close())
    console.log(
      `page: ${wall.revenue} GBP in ${wall.orders} orders on ${wall.day}, ${wall.status}, ${wall.exactness}`,
    )
    expect(wall.day).toBe(LAST_DAY)
    expect(sumToE4(wall.revenue!)).toBe(file.byDay.get(LAST_DAY))
    // The history is whole: the page must not say that it is loading it.
    expect(wall).toMatchObject({ loaded: null, phase: 'live' })
    expect(wall.status).not.toContain('loading')
    expect(complaints.take()).toEqual([])
  })
})

async function deadLetters(): Promise<number> {
  const answer = await fetch(`${address}/api/v1/dead-letters`)
  return z.object({ total: z.number() }).parse(await answer.json()).total
}

function sums<T extends { revenue: string }>(rows: readonly T[], keyOf: (row: T) => string) {
  return new Map(rows.map((row) => [keyOf(row), sumToE4(row.revenue)]))
}
