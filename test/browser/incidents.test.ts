/** An incident and an unusual order are taken up on the wall: it says so, and so does the topic `alerts`. */
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestAccess, type TestAccess } from '../../api/testing/open-test-access.ts'
import { DATABASE, startTestApi, TENANTS, type TestApi } from '../../api/testing/start-api.ts'
import { insertRows } from '../../clickhouse/insert-rows.ts'
import { marks } from '../../clickhouse/queries/testing/insert-changes.ts'
import { alertResult } from '../../core/contracts/results.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { followMetrics } from '../../processors/anomaly/metrics/follow-metrics.ts'
import { OWN_HOLIDAYS } from '../../processors/holiday-book.ts'
import { ROOT } from '../cli/revwall-process.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { openBrowser } from './open-browser.ts'
import { watchConsole } from './watch-console.ts'

const AT = '2011-11-17T10:00:00Z'
const AMOUNTS = { observed: '12', expected: '40', low: '29', high: '51' }
const INCIDENT = {
  ...{ tenant: 'acme', alert_id: 'i1', revision: 1, kind: 'metric', dedup_key: 'k', alert_group: 'g' },
  ...{ state: 'open', severity: 'critical', last_severity: 'critical', subject: 'orders', direction: 'fall' },
  ...{ cause: 'level', currency: 'GBP', score: -6, ...AMOUNTS, opened_at: AT, changed_at: AT, seen_at: AT },
  ...{ contributor_dimension: ['source'], contributor_member: ['shop'], contributor_change: ['-27'] },
  ...{
    contributor_share: [0.96],
    window_from: AT,
    window_to: AT,
    notice: 'opened',
    model: 'metrics-1-15min',
  },
}
const ORDER = {
  ...{ tenant: 'acme', source: 'shop', order_id: 'A1', event_id: 'e1', severity: 'critical', score: 0.8 },
  ...{ detected_at: AT, placed_at: AT, observed: '450', currency: 'GBP', reasons: ['at 03:12'] },
}

const stopping = new AbortController()
let passes: TestAccess
let api: TestApi
let browser: Browser
let following: Promise<void>

beforeAll(async () => {
  passes = openTestAccess()
  await passes.addUser('olga', 'operator', ['acme'])
  await passes.addUser('ana', 'viewer', ['acme'])
  api = await startTestApi({ access: passes.access, staticFolder: join(ROOT, 'ui/dist') })
  const { log, db } = api
  for (const topic of ['commands', 'alerts', 'anomalies', 'source-health', 'committed-batches'] as const)
    await log.ensureTopic(topic, TOPICS[topic])
  const told = { upTo: '2011-11-17T10:30:00Z', polledAt: new Date().toISOString(), speed: 60 }
  await api.insert([
    { tenant: 'acme', orderId: 'A1', entries: [{ at: AT, kind: 'sale', amount: '12.5' }] },
    ...marks(4, { first: 0, last: 9, progress: [{ tenant: 'acme', ...told }] }),
  ])
  await insertRows(db.warehouse, `${DATABASE}.incident_changes`, [INCIDENT], 'incident')
  await insertRows(db.warehouse, `${DATABASE}.order_anomalies`, [ORDER], 'order')
  following = followMetrics({
    ...{ warehouse: db.warehouse, database: DATABASE, run: 'r1', log, wall: api.url, holidays: OWN_HOLIDAYS },
    tenants: new Map(TENANTS.map((tenant) => [tenant.id, tenant])),
    ...{ clock: systemClock, logger: silentLogger, registry: new Registry(), signal: stopping.signal },
    limits: { lookIntervalMs: 100 },
  })
  browser = await openBrowser()
})
afterAll(async () => {
  stopping.abort()
  await following
  await browser?.close()
  await api?.stop()
  await passes?.close()
})

async function openPanel(cookie: string, path = '/'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } })
  const [name, value] = cookie.split('=') as [string, string]
  await context.addCookies([{ name, value, url: api.url }])
  const page = await context.newPage()
  await page.goto(`${api.url}${path}`)
  await page.locator('[data-tile=hero][data-value]').waitFor()
  if (!path.includes('incident=')) await page.keyboard.press('a')
  await page.locator('[data-alert=i1]').waitFor()
  return page
}

async function alerts() {
  const told = []
  for (let partition = 0; partition < api.log.partitions('alerts'); partition++)
    told.push(...(await api.log.read('alerts', partition, 0, { maxRecords: 100, maxBytes: 2 ** 20 })))
  return told.map(({ value }) => alertResult.parse(JSON.parse(Buffer.from(value).toString())).data)
}

it('is acknowledged and silenced by an operator, and says by whom and until when', async () => {
  const page = await openPanel(passes.userCookie('olga').cookie, '/?incident=i1')
  const complaints = watchConsole(page)
  const row = page.locator('li.named[data-alert=i1]')
  for (const part of ['Orders below usual: 12, usually 29 to 51', 'open, since', 'shop −27 (96%)'])
    expect(await row.innerText()).toContain(part)
  await row.getByRole('button', { name: 'Acknowledge: Orders below usual' }).click()
  await row.getByText('looked after by olga').waitFor()
  await row.getByRole('button', { name: 'Acknowledge' }).waitFor({ state: 'detached' })
  const since = Date.now()
  await row.getByRole('button', { name: 'Silence for 8 h' }).click()
  await row.getByText(/silenced until .* by olga/).waitFor()
  const order = page.locator('li[data-event=e1]')
  await order.getByRole('button', { name: 'Acknowledge: order A1' }).focus()
  await page.keyboard.press('Enter')
  await order.getByText('looked after by olga').waitFor()
  // The button is gone, and the focus still in its row: the next key goes on from there.
  await order.getByRole('button', { name: 'Acknowledge' }).waitFor({ state: 'detached' })
  await page.locator('li[data-event=e1] [role=group]:focus').waitFor()
  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Silence for 1 h')
  const told = await waitUntil('three notices', 10_000, async () => {
    const all = await alerts()
    return all.length === 3 && all
  })
  const of = (alertId: string) => told.filter((one) => one.alertId === alertId)
  expect(of('i1').map(({ change, acknowledgedBy }) => [change, acknowledgedBy])).toEqual([
    ['acknowledged', 'olga'],
    ['silenced', 'olga'],
  ])
  const untilMs = Date.parse(of('i1')[1]!.silence!.until)
  expect(Math.abs(untilMs - since - 8 * 3_600_000)).toBeLessThan(60_000)
  expect(of('e1')).toMatchObject([{ change: 'acknowledged', dedupKey: 'order/e1', kind: 'order' }])
  expect(complaints.take()).toEqual([])
  await page.context().close()
})

it('is shown to others without anything to press', async () => {
  const viewer = await openPanel(passes.userCookie('ana').cookie)
  expect(await viewer.locator('[data-alert=i1]').innerText()).toContain('acknowledged, since')
  expect(await viewer.getByTestId('alert-actions').count()).toBe(0)
  await viewer.context().close()
})
