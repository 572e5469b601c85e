/** The year of Online Retail: the file, ClickHouse, the API and the page say the same. */
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { divideHalfEven, fromE4, sumToE4 } from '../../core/contracts/money.ts'
import { SHIPPED_FILE } from '../../ingest/sources/replay/shipped-file.ts'
import { type RevwallProcess, startRevwall } from '../cli/revwall-process.ts'
import { runRevwall } from '../cli/run-revwall.ts'
import { runningWarehouse } from '../cli/running-warehouse.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { listsCustomers, showsRetention } from './customers-year.ts'
import { exploresDays, hidesOrders, playsADayAgain, searches } from './explore-year.ts'
import { openBrowser } from './open-browser.ts'
import { saysThatNothingIsComputed } from './panels-off.ts'
import { readWall } from './read-wall.ts'
import { sameAsClickHouse } from './same-as-clickhouse.ts'
import { dividesCustomers, showsMoves, showsSegmentDays } from './segments-year.ts'
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
    await page.close()
  })

  it('shows customers by segment, each of them once, as ClickHouse has them', async () => {
    const warehouse = runningWarehouse(folder.path)
    const counted = async () => {
      const rows = await warehouse.query<{ segment: string; customers: string; revenue: string }>(
        `SELECT segment, toString(count()) AS customers, toString(sum(s.revenue)) AS revenue
         FROM revwall_r1.customer_segments AS s FINAL WHERE segment != '' GROUP BY segment ORDER BY segment`,
      )
      return rows.map(({ segment, customers, revenue }) => `${segment} ${customers} ${sumToE4(revenue)}`)
    }
    // Customers of sales that count; who only has credits is nobody's segment.
    const [buyers] = await warehouse.query<{ customers: string }>(
      `SELECT toString(count()) AS customers FROM (
         SELECT customer FROM revwall_r1.order_changes WHERE sign != 0 AND customer != '' AND kind = 'sale'
         GROUP BY customer HAVING sum(sign * counts) > 0)`,
    )
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    const complaints = watchConsole(page)
    await page.goto(address)
    await waitUntil('numbers', 20_000, async () => (await readWall(page)).revenue !== null)
    await page.keyboard.press('c')
    const rows = page.getByTestId('segments').locator('tbody tr')
    const shown = () =>
      rows.evaluateAll((all) =>
        all.map(({ dataset }) => ({
          segment: dataset.segment!,
          customers: Number(dataset.customers),
          revenue: dataset.revenue!,
        })),
      )
    await waitUntil(
      'all customers',
      30_000,
      async () => (await shown()).reduce((sum, row) => sum + row.customers, 0) === Number(buyers!.customers),
    )
    const told = (await shown()).map(
      ({ segment, customers, revenue }) => `${segment} ${customers} ${sumToE4(revenue)}`,
    )
    expect(told.sort()).toEqual(await counted())
    expect(told).toHaveLength(11)
    await page.keyboard.press('Escape')
    await rows.first().waitFor({ state: 'detached' })
    expect(complaints.take()).toEqual([])
    await page.close()
    await warehouse.close()
  })

  it('shows the next eight weeks with their backtest, as ClickHouse has them', async () => {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    const complaints = watchConsole(page)
    await page.goto(address)
    await waitUntil('numbers', 20_000, async () => (await readWall(page)).revenue !== null)
    await page.keyboard.press('o')
    const cutOff = page.getByTestId('outlook-cut-off')
    // Made by now, or soon: of some twenty series.
    await cutOff.waitFor({ timeout: 180_000 })
    // The last day of the file is not over; one that was made while it was still loaded is of another day.
    const isLast = async () => (await cutOff.getAttribute('data-cut-off')) === '2011-12-08'
    await waitUntil('the forecast from the last day', 180_000, isLast)
    expect(await cutOff.getAttribute('data-points')).toBe('56')
    const rows = await page.getByTestId('backtest').locator('tbody tr').all()
    const shown = await Promise.all(
      rows.map(async (row) => [
        await row.getAttribute('data-method'),
        Number(await row.getAttribute('data-wape')),
      ]),
    )
    const warehouse = runningWarehouse(folder.path)
    const [model] = await warehouse
      .query<{ wapes: number[] }>(
        `SELECT [wape, seasonal_naive_wape, naive_wape] AS wapes FROM revwall_r1.forecast_models FINAL
         WHERE series = 'revenue' AND dimension = 'all' ORDER BY revision DESC LIMIT 1`,
      )
      .finally(() => warehouse.close())
    const [combination, seasonalNaive, naive] = model!.wapes
    expect(Object.fromEntries(shown)).toEqual({ combination, seasonalNaive, naive })
    console.log(`outlook: WAPE ${combination}, seasonal naive ${seasonalNaive}, naive ${naive}`)
    expect(await page.getByTestId('coverage').textContent()).toMatch(/\d %/)
    await page.getByTestId('panel-proof').locator('summary').click()
    await page.locator('[data-claim=forecast-past][data-verdict=exact]').waitFor()
    await page.locator('[data-claim=forecast-days][data-verdict=exact]').waitFor()
    // Something is drawn, and of another series something else.
    const picture = () => page.getByTestId('outlook-chart').locator('canvas').evaluate(toPicture)
    const before = await picture()
    await page.getByTestId('outlook-choice').selectOption({ label: 'United Kingdom' })
    await waitUntil('another part', 20_000, async () => (await picture()) !== before)
    // The part stays with another series, and by week.
    const ofKingdom = await picture()
    await page.getByTestId('outlook-series').selectOption({ label: 'Average ticket' })
    await waitUntil('another series', 20_000, async () => (await picture()) !== ofKingdom)
    await page.locator('[data-step=week][aria-pressed=false]').click()
    await page.locator('[data-testid=outlook-cut-off][data-step=week]').waitFor()
    // The last Sunday; the week after it is not over.
    expect(await cutOff.getAttribute('data-cut-off')).toBe('2011-12-04')
    expect(await cutOff.getAttribute('data-points')).toBe('8')
    expect(await page.getByTestId('outlook-choice').inputValue()).toBe('country/United Kingdom')
    await page.getByTestId('outlook-choice').selectOption({ label: 'all of it' })
    await page.getByTestId('outlook-series').selectOption({ label: 'Orders' })
    // It is still open, and asked again.
    const ofWeeks = { hasText: /v1_week_forecasts\s+WHERE series = 'orders'/ }
    await page.locator('[data-claim=forecast-days]', ofWeeks).waitFor()
    await page.locator('[data-claim=forecast-past][data-verdict=exact]').waitFor()
    await page.locator('[data-claim=forecast-days][data-verdict=exact]').waitFor()
    await page.keyboard.press('Escape')
    await cutOff.waitFor({ state: 'detached' })
    expect(complaints.take()).toEqual([])
    await page.close()
  })

  it('shows all of it by week where a part is too young for that', async () => {
    const page = await browser.newPage()
    await page.route(/\/api\/v1\/forecast\?/, (route) => {
      const asked = new URL(route.request().url()).searchParams
      if (asked.get('by') !== 'country' || asked.get('step') !== 'week') return route.continue()
      return route.fulfill({ status: 404, json: { error: { code: 'NOT_FOUND', message: 'none' } } })
    })
    await page.goto(address)
    await waitUntil('numbers', 20_000, async () => (await readWall(page)).revenue !== null)
    await page.keyboard.press('o')
    await page.getByTestId('outlook-choice').selectOption({ label: 'United Kingdom' })
    await page.locator('[data-testid=outlook-cut-off][data-step=day]').waitFor()
    await page.locator('[data-step=week][aria-pressed=false]').click()
    await page.locator('[data-testid=outlook-cut-off][data-step=week]').waitFor()
    expect(await page.getByTestId('outlook-choice').inputValue()).toBe('all/')
    expect(await page.getByTestId('outlook').getByRole('alert').count()).toBe(0)
    await page.close()
  })

  it('shows where the day will end and what is usual by now, as ClickHouse has it', async () => {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    const complaints = watchConsole(page)
    await page.goto(address)
    const pace = page.locator('[data-testid=pace][data-value]')
    // With the first forecast, which the test before has waited for.
    await pace.waitFor({ timeout: 60_000 })
    const warehouse = runningWarehouse(folder.path)
    const asStored = async () => {
      const [end] = await warehouse.query<Record<'value' | 'low' | 'high' | 'place' | 'cutOff', string>>(
        `SELECT value, low80 AS low, high80 AS high, place, toString(cutoff) AS cutOff
         FROM revwall_r1.nowcasts FINAL WHERE series = 'revenue' AND day = '${LAST_DAY}' ORDER BY at DESC LIMIT 1`,
      )
      const read = (name: string) => pace.getAttribute(`data-${name}`)
      const isNear = async (name: 'value' | 'low' | 'high') =>
        Math.abs(Number(await read(name)) - Number(end![name])) < 0.01
      const isSame = (await isNear('value')) && (await isNear('low')) && (await isNear('high'))
      return isSame && (await read('place')) === end!.place && end!.cutOff === '2011-12-08'
    }
    // One by the forecast of the day before may be there first.
    await waitUntil('the end as it is stored', 60_000, asStored)
    await warehouse.close()
    const usual = (await page.getByTestId('orders-aside').innerText()).replaceAll(/\s/g, ' ')
    console.log(`pace of ${LAST_DAY}: ${(await pace.innerText()).replaceAll('\n', ' ')}; orders ${usual}`)
    expect(usual).toMatch(/(usually|below|above) \d+ to \d+ by \d\d:\d\d/)
    // By day of sale neither is said.
    await page.locator('button[data-axis=sale]').click()
    await pace.waitFor({ state: 'detached' })
    await page.getByTestId('orders-aside').waitFor({ state: 'detached' })
    await page.locator('button[data-axis=booked]').click()
    await pace.waitFor()
    expect(complaints.take()).toEqual([])
    await page.close()
  })

  it('shows unusual orders with their reasons, as ClickHouse has them, and the one that a link names', async () => {
    const warehouse = runningWarehouse(folder.path)
    const fitted = async () => {
      const models = await warehouse.query(
        'SELECT 1 FROM revwall_r1.anomaly_models WHERE length(forest) > 100000',
      )
      return models.length > 0
    }
    await waitUntil('a model that the built program fitted', 60_000, fitted)
    await warehouse.command(
      `INSERT INTO revwall_r1.order_anomalies (tenant, source, order_id, event_id, detected_at, placed_at, severity, score,
         observed, expected, currency, reasons)
       SELECT 'online-retail', 'shop', 'odd', 'e-odd', now64(), '2011-12-09 03:12:00', 'critical', 0.74, 450.1, 50.5, 'GBP',
         ['9× this customer\\'s usual amount', 'at 03:12', 'third order in 4 minutes']`,
    )
    const stored = await warehouse.query<{ event_id: string }>(
      `SELECT event_id FROM revwall_r1.order_anomalies FINAL WHERE tenant = 'online-retail'
       ORDER BY detected_at DESC, event_id LIMIT 50`,
    )
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    const complaints = watchConsole(page)
    await page.goto(address)
    await waitUntil('numbers', 20_000, async () => (await readWall(page)).revenue !== null)
    await page.keyboard.press('a')
    const panel = page.getByTestId('anomalies')
    const rows = panel.locator('li[data-event]')
    await rows.first().waitFor()
    expect(await rows.evaluateAll((all) => all.map(({ dataset }) => dataset.event))).toEqual(
      stored.map(({ event_id }) => event_id),
    )
    const said = await rows.first().innerText()
    for (const part of [
      "9× this customer's usual amount, at 03:12, third order in 4 minutes",
      ...['450.10 GBP', 'usual 50.50', 'order odd', 'very unusual', 'score 74'],
    ])
      expect(said).toContain(part)
    expect(await panel.getByTestId('watching').innerText()).toMatch(/judged\./)
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    await page.goto(`${address}/?anomaly=e-odd`)
    await panel.locator('li.named[data-event=e-odd]').waitFor()
    expect(complaints.take()).toEqual([])
    await page.close()
    await warehouse.close()
  })

  it('explains what is dragged over, as ClickHouse has it, down to the record of the source', async () => {
    const warehouse = runningWarehouse(folder.path)
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    const complaints = watchConsole(page)
    await page.goto(address)
    await waitUntil('numbers', 20_000, async () => (await readWall(page)).revenue !== null)
    const chart = (await page.locator('[data-testid=chart] .u-over').boundingBox())!
    const at = (share: number) => chart.x + share * chart.width
    // Before the last order of the day: what is to come is compared with nothing.
    await page.mouse.move(at(0.1), chart.y + 80)
    await page.mouse.down()
    await page.mouse.move(at(0.3), chart.y + 90, { steps: 5 })
    await page.mouse.up()
    const panel = page.getByTestId('why')
    const sum = panel.getByTestId('why-sum')
    await sum.waitFor()
    const [, from, to] = /panel=why-(\d+)-(\d+)/.exec(page.url())!
    // Winter: local time is UTC.
    const minutes = 'dateDiff(minute, toStartOfDay(minute), minute)'
    const [row] = await warehouse.query<{ now: string; before: string }>(
      `SELECT sumIf(booked_revenue, day = '${LAST_DAY}') AS now, sumIf(booked_revenue, day = '2011-12-08') AS before
       FROM revwall_r1.headline_v1 WHERE ${minutes} >= ${from} AND ${minutes} < ${to}`,
    )
    const change = sumToE4(row!.now) - sumToE4(row!.before)
    console.log(`dragged ${from} to ${to}: ${row!.now} against ${row!.before}`)
    expect(change).not.toBe(0n)
    expect(sumToE4((await sum.getAttribute('data-value'))!)).toBe(change)
    for (const title of ['What was booked', 'Country', 'Article', 'Customer']) {
      const figures = panel
        .locator('section', { has: page.getByRole('heading', { name: title }) })
        .locator('li')
      const shown = await figures.evaluateAll((all) => all.map(({ dataset }) => dataset.value!))
      expect(
        shown.reduce((sum, value) => sum + sumToE4(value), 0n),
        title,
      ).toBe(change)
    }
    await panel.getByRole('button', { name: 'a week before' }).click()
    await waitUntil('its address', 5_000, async () => page.url().endsWith('-last-week'))
    await panel.locator('[data-order]').first().click()
    const trail = panel.getByTestId('order-trail')
    const order = await trail.getAttribute('data-order')
    await trail.getByRole('button', { name: 'The record' }).first().click()
    expect(JSON.parse(await trail.locator('pre').innerText())).toMatchObject({
      ...{ tenant: 'online-retail', orderId: order },
    })
    await page.keyboard.press('Escape')
    await sum.waitFor()
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    expect(complaints.take()).toEqual([])
    await page.close()
    await warehouse.close()
  })

  it('tells any days by any side, filtered, as the file has them', () =>
    exploresDays({ browser, address, file }))
  it('finds orders, articles and customers', () => searches({ browser, address, file }))
  it('plays a past day again beside the last one', () => playsADayAgain({ browser, address, file }))
  it('hides single orders for a stream', () => hidesOrders({ browser, address, file }))

  it('lists customers by what each may bring, page by page', () =>
    listsCustomers({ browser, address, file, folder: folder.path }))
  it('shows who came again, by month', () => showsRetention({ browser, address, file, folder: folder.path }))

  it('divides customers in every way, as ClickHouse does', () =>
    dividesCustomers({ browser, address, file, folder: folder.path }))
  it('shows segments by day', () => showsSegmentDays({ browser, address, file, folder: folder.path }))
  it('shows who moved between them', () => showsMoves({ browser, address, file, folder: folder.path }))

  it('proves every number of the wall, by click and by key', async () => {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    const complaints = watchConsole(page)
    await page.goto(address)
    await waitUntil('numbers', 20_000, async () => (await readWall(page)).revenue !== null)
    const told: string[] = []
    for (const tile of ['hero', 'orders', 'customers', 'units', 'refunds', 'ticket']) {
      // Anywhere on the number: the button lies over it.
      await clickAt(page, page.locator(`[data-tile=${tile}]`).locator('.figure, [data-testid=revenue]'))
      const proofs = await proofsOf(page)
      told.push(...proofs.map(({ figure, fromViews }) => `${figure} ${fromViews}`))
      for (const { verdict, fromViews, fromBase } of proofs)
        expect({ tile, verdict, fromBase }).toEqual({ tile, verdict: 'exact', fromBase: fromViews })
      const shown = await page.locator(`[data-tile=${tile}]`).getAttribute('data-value')
      const made =
        tile === 'ticket'
          ? divideHalfEven(sumToE4(proofs[0]!.fromViews), BigInt(proofs[1]!.fromViews))
          : sumToE4(proofs[0]!.fromViews)
      expect(sumToE4(shown!), tile).toBe(made)
      await page.keyboard.press('Escape')
      await page.locator('[data-testid=proof]').waitFor({ state: 'detached' })
    }
    console.log(`proved on ${LAST_DAY}: ${told.join(', ')}`)
    // Nothing is known of the margin, and there is nothing to prove.
    expect(await page.locator('[data-prove=margin]').count()).toBe(0)

    // From the tile that the focus was given back to, one on; and `p` there.
    await page.locator('[data-prove=hero]').focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('p')
    expect((await proofsOf(page)).map(({ figure }) => figure)).toEqual(['orders'])
    await page.keyboard.press('Escape')
    await page.locator('[data-prove=orders]:focus').waitFor()
    expect(complaints.take()).toEqual([])
    await page.close()
  })

  it('says where nothing is computed any more, and tells what there was', async () => {
    await up.end('SIGTERM')
    await up.dispose()
    const env = { REVWALL_ANALYTICS: 'off' }
    up = startRevwall({ args: ['up', '--no-replay'], folder: folder.path, env })
    address = await up.page()
    await saysThatNothingIsComputed({ browser, address, file })
  })
})

const toPicture = (canvas: unknown) => (canvas as { toDataURL(): string }).toDataURL()

async function clickAt(page: Page, locator: Locator): Promise<void> {
  const { x, y, width, height } = (await locator.boundingBox())!
  await page.mouse.click(x + width / 2, y + height / 2)
}

async function proofsOf(page: Page) {
  const sections = page.locator('[data-testid=proof] section[data-verdict]')
  await sections.first().waitFor()
  const read = async (section: Locator) => {
    const exactOf = (name: string) =>
      section.locator(`[data-testid=${name}]`).getAttribute('data-value').then(String)
    return {
      figure: await section.getAttribute('data-figure'),
      verdict: await section.getAttribute('data-verdict'),
      fromViews: await exactOf('from-views'),
      fromBase: await exactOf('from-base'),
    }
  }
  return Promise.all((await sections.all()).map(read))
}

async function deadLetters(): Promise<number> {
  const answer = await fetch(`${address}/api/v1/dead-letters`)
  return z.object({ total: z.number() }).parse(await answer.json()).total
}

function sums<T extends { revenue: string }>(rows: readonly T[], keyOf: (row: T) => string) {
  return new Map(rows.map((row) => [keyOf(row), sumToE4(row.revenue)]))
}
