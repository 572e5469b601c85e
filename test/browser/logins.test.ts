/**
 * How one comes to a wall, and out of it again, in a real browser: login, a TV let in from another page and shut out
 * again, a link that leaves no token behind, logout. The same api, users and sessions as `revwall up` has.
 */
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestAccess, PASSWORD, type TestAccess } from '../../api/testing/open-test-access.ts'
import { startTestApi, type TestApi } from '../../api/testing/start-api.ts'
import { marks } from '../../clickhouse/queries/testing/insert-changes.ts'
import { ROOT } from '../cli/revwall-process.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { openBrowser } from './open-browser.ts'
import { readWall } from './read-wall.ts'

const DAY = '2011-11-17'
const SCREENSHOTS = join(ROOT, 'test/browser/screenshots')

let passes: TestAccess
let api: TestApi
let browser: Browser
let office: BrowserContext
let admin: Page
let tv: Page
let link = ''

beforeAll(async () => {
  passes = openTestAccess()
  await passes.addUser('adam', 'admin', ['acme', 'zebra'])
  api = await startTestApi({ access: passes.access, staticFolder: join(ROOT, 'ui/dist') })
  const entries = [{ at: `${DAY}T10:00:00Z`, kind: 'sale' as const, amount: '12.5' }]
  const told = { upTo: `${DAY}T10:30:00Z`, polledAt: new Date().toISOString(), speed: 60 }
  await api.insert([
    { tenant: 'acme', orderId: 'A1', entries },
    { tenant: 'zebra', orderId: 'X1', entries, currency: 'BRL' },
    ...marks(4, { first: 0, last: 9, progress: ['acme', 'zebra'].map((tenant) => ({ tenant, ...told })) }),
  ])
  browser = await openBrowser()
  office = await browser.newContext({ viewport: { width: 1920, height: 1080 } })
  admin = await office.newPage()
})
afterAll(async () => {
  await browser?.close()
  await api?.stop()
  await passes?.close()
})

const isAt = (page: Page, path: string) => page.waitForURL(`${api.url}${path}`, { timeout: 20_000 })
const showsNumbers = (page: Page) =>
  waitUntil('numbers', 20_000, async () => {
    const isWall = (await page.locator('[data-testid=wall]').count()) === 1
    return isWall && (await readWall(page)).revenue === '12.5'
  })

it('asks for a login first, refuses a wrong one, and comes back to where one wanted to go', async () => {
  await admin.goto(`${api.url}/?axis=sale`)
  await isAt(admin, '/login?next=%2F%3Faxis%3Dsale')
  await admin.screenshot({ path: join(SCREENSHOTS, 'login.png') })
  const signIn = async (password: string) => {
    await admin.getByLabel('Name').fill('Adam')
    await admin.getByLabel('Password').fill(password)
    await admin.keyboard.press('Enter')
  }
  await signIn('correct horse')
  await waitUntil('the refusal', 20_000, async () =>
    (await admin.getByTestId('login-fault').textContent())?.includes('not right'),
  )
  await signIn(PASSWORD)
  await isAt(admin, '/?axis=sale')
  await showsNumbers(admin)
  const [cookie] = await office.cookies()
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', secure: false, path: '/' })
})

it('lets a TV in by the code that it shows, from another page', async () => {
  const hall = await browser.newContext({ viewport: { width: 1920, height: 1080 } })
  tv = await hall.newPage()
  await tv.goto(`${api.url}/`)
  await isAt(tv, '/login')
  await tv.getByTestId('is-tv').click()
  await isAt(tv, '/tv')
  const code = await codeOn(tv)
  await tv.screenshot({ path: join(SCREENSHOTS, 'tv-code.png') })
  await tv.reload()
  expect(await codeOn(tv)).toBe(code)

  await admin.keyboard.press('s')
  await admin.getByLabel('Code on the TV').fill(`${code.slice(0, 3)}-${code.slice(3)}`.toLowerCase())
  await admin.getByLabel('Where it hangs').fill('Hall')
  await admin.keyboard.press('Enter')
  await waitUntil('the screen in the list', 20_000, async () =>
    (await admin.getByTestId('screens').textContent())?.includes('Hall'),
  )
  await admin.screenshot({ path: join(SCREENSHOTS, 'access.png') })
  await isAt(tv, '/?tv')
  await showsNumbers(tv)
  expect(await tv.locator('button').count()).toBe(0)
  expect(await tv.title()).toBe('Acme · revwall')
})

it('shuts the TV out at once, which then shows a new code by itself', async () => {
  const since = performance.now()
  await admin.getByRole('button', { name: 'Revoke Hall' }).click()
  await isAt(tv, '/tv')
  console.log(`a revoked TV was at its code again after ${Math.round(performance.now() - since)} ms`)
  expect(await codeOn(tv)).toMatch(/^[A-Z0-9]{6}$/)
  expect(await admin.getByTestId('screens').textContent()).not.toContain('Hall')
})

it('opens a link without its token staying anywhere', async () => {
  await admin.getByLabel('For whom').fill('Board')
  await admin.keyboard.press('Enter')
  link = await waitUntil('the link', 20_000, async () => {
    const shown = admin.getByTestId('share-link')
    return (await shown.count()) === 1 && shown.inputValue()
  })
  const guest = await browser.newContext()
  const page = await guest.newPage()
  const asked: string[] = []
  page.on('request', (request) => asked.push(`${request.url()} ${JSON.stringify(request.headers())}`))
  const token = link.split('#')[1]!
  expect(token.length).toBeGreaterThan(40)
  await page.goto(link)
  await isAt(page, '/')
  await showsNumbers(page)
  expect(asked.filter((request) => request.includes(token))).toEqual([])
  expect(await page.locator('button').count()).toBe(0)
  await page.goBack().catch(() => null)
  expect(page.url()).not.toContain(token)
  await page.goto(`${api.url}/`)
  await showsNumbers(page)

  await admin.getByRole('button', { name: 'Revoke Board' }).click()
  await isAt(page, '/login')
  await page.goto(link)
  await waitUntil('that the link is over', 20_000, async () =>
    (await page.getByTestId('share-state').textContent())?.includes('over'),
  )
  await guest.close()
})

it('changes the wall for whoever has two, and logs out in all pages', async () => {
  await admin.getByRole('link', { name: 'Zebra' }).click()
  await isAt(admin, '/?tenant=zebra')
  await waitUntil('the other wall', 20_000, async () => (await admin.title()) === 'Zebra · revwall')
  const second = await office.newPage()
  await second.goto(`${api.url}/`)
  await waitUntil('the first wall', 20_000, async () => (await second.title()) === 'Acme · revwall')
  await admin.getByTestId('account').click()
  await admin.getByTestId('logout').click()
  await isAt(admin, '/login')
  await isAt(second, '/login')
  await admin.goto(`${api.url}/`)
  await isAt(admin, '/login')
})

function codeOn(page: Page): Promise<string> {
  return waitUntil<string>('a code', 20_000, async () => {
    const shown = page.getByTestId('tv-code')
    return (await shown.count()) === 1 && ((await shown.getAttribute('data-value')) ?? false)
  })
}
