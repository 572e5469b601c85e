/**
 * The delivery log on the wall, in a real browser: what an endpoint did not take is given up, seen by operators, and sent
 * again by them. The api, the log, ClickHouse and what delivers are the real ones.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestAccess, type TestAccess } from '../../api/testing/open-test-access.ts'
import { startTestApi, type TestApi } from '../../api/testing/start-api.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { deliverEvents } from '../../processors/delivery/deliver-events.ts'
import { changeEndpoints, endpointFilePath } from '../../processors/delivery/endpoint-file.ts'
import { GIVE_UP_MS } from '../../processors/delivery/retry-schedule.ts'
import { createSender } from '../../processors/delivery/send-request.ts'
import { createSecret } from '../../processors/delivery/sign-webhook.ts'
import { alertOf, BED_TOPICS } from '../../processors/delivery/testing/delivery-bed.ts'
import { answer, type Receiver, startReceiver } from '../../processors/delivery/testing/start-receiver.ts'
import { sendEvents } from '../../processors/send-events.ts'
import { ROOT } from '../cli/revwall-process.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { openBrowser } from './open-browser.ts'
import { PATIENCE_MS } from './wall-states.ts'
import { watchConsole } from './watch-console.ts'

/** The dialog asks every two seconds, where it asks. */
const ASKED_AGAIN_MS = 2_500

const folder = mkdtempSync(join(tmpdir(), 'revwall-deliveries-'))
const ending = new AbortController()
let skewMs = 0
let passes: TestAccess
let api: TestApi
let browser: Browser
let slow: Receiver
let good: Receiver
let delivering: Promise<void>

beforeAll(async () => {
  passes = openTestAccess()
  await passes.addUser('vera', 'viewer', ['acme'])
  await passes.addUser('olga', 'operator', ['acme'])
  api = await startTestApi({ access: passes.access, staticFolder: join(ROOT, 'ui/dist') })
  for (const name of BED_TOPICS) await api.log.ensureTopic(name, TOPICS[name])
  slow = await startReceiver(answer(503))
  good = await startReceiver()
  const head = { tenant: 'acme', createdAt: new Date(0).toISOString(), disabled: null }
  const path = endpointFilePath(folder)
  await changeEndpoints(path, systemClock, () =>
    [slow, good].map(({ url }, nth) => ({
      ...{ ...head, kind: 'webhook', id: `ep_0000000${nth}`, name: ['Slow', 'Good'][nth]!, url },
      ...{ topics: ['alerts'], secrets: [{ secret: createSecret(), expiresAt: null }] },
    })),
  )
  delivering = deliverEvents({
    ...{ warehouse: api.db.warehouse, log: api.log, logger: silentLogger, registry: new Registry(), path },
    ...{ clock: { ...systemClock, now: () => Date.now() + skewMs }, random: () => 0.5, tenants: ['acme'] },
    ...{ send: createSender({ allowPrivate: true }), signal: ending.signal, limits: { idleMs: 20 } },
  })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  ending.abort()
  await delivering
  await api?.stop()
  await passes?.close()
  await Promise.all([slow, good].map((receiver) => receiver?.close()))
  rmSync(folder, { recursive: true, force: true })
})

async function wallOf(name: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1920, height: 1080 } })
  context.setDefaultTimeout(PATIENCE_MS)
  const [cookie, value] = passes.userCookie(name).cookie.split('=') as [string, string]
  await context.addCookies([{ name: cookie, value, url: api.url }])
  const page = await context.newPage()
  await page.goto(api.url)
  await page.getByTestId('account').waitFor()
  await page.keyboard.press('e')
  await page.getByTestId('deliveries').waitFor()
  return page
}

const ROWS =
  "[...document.querySelectorAll('[data-testid=deliveries] li')].map(({ dataset }) => dataset.status + ' ' + dataset.attempt)"
const rowsOf = (page: Page) => page.evaluate<string[]>(ROWS)
const shows = (page: Page, wanted: string[]) =>
  waitUntil(
    wanted.join(', '),
    PATIENCE_MS,
    async () => (await rowsOf(page)).toSorted().join() === wanted.toSorted().join(),
  )
const again = (page: Page) => page.getByRole('button', { name: 'Send again' })

it('shows what became of each event by endpoint, and lets an operator send again what was given up', async () => {
  const olga = await wallOf('olga')
  await olga.getByText('Nothing was sent yet.').waitFor()
  const complaints = watchConsole(olga)
  for (const id of ['a1', 'a2'])
    await sendEvents(api.log, 'alerts', [{ key: `acme/${id}`, value: alertOf('acme', id) }])
  await shows(olga, ['delivered 1', 'delivered 1', 'retrying 1', 'retrying 1'])
  await olga.getByText('HTTP 503').first().waitFor()
  expect(await again(olga).count()).toBe(0)

  skewMs += GIVE_UP_MS + 60_000
  await olga.getByRole('button', { name: 'what was given up' }).click()
  await shows(olga, ['dead 2', 'dead 2'])
  expect(await olga.locator('[data-endpoint=ep_00000000]').getAttribute('data-dead')).toBe('2')

  // Who only looks at the wall is told so, and asks for nothing: errors may name hosts that are nobody else's business.
  const vera = await wallOf('vera')
  const asked: string[] = []
  vera.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await vera.getByText('is told to operators and admins').waitFor()
  expect(await vera.getByTestId('deliveries').getByRole('alert').count()).toBe(0)
  expect(await vera.locator('[data-testid=deliveries] [data-endpoint]').count()).toBe(0)
  await vera.waitForTimeout(ASKED_AGAIN_MS)
  expect(asked).not.toContain('/api/v1/deliveries')

  slow.reply = answer(200)
  await olga.locator('li .again').first().click()
  await olga.getByText('Asked; it takes a moment.').waitFor()
  await shows(olga, ['dead 2'])
  await olga.locator('tbody .again').click()
  await olga.getByText('Nothing of that.').waitFor()
  await olga.getByRole('button', { name: 'every attempt' }).click()
  await olga.getByRole('button', { name: 'Slow' }).click()
  const anew = ['queued 0', 'queued 0', 'delivered 1', 'delivered 1']
  await shows(olga, ['retrying 1', 'retrying 1', 'dead 2', 'dead 2', ...anew])
  await olga.getByText('asked for by olga').first().waitFor()
  expect(new Set(slow.ids()).size).toBe(2)
  expect(complaints.take()).toEqual([])
})
