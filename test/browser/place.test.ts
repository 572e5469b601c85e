/** The address of the wall, back and forward, the TV, and what a phone installs: in a real browser, on the mock. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Mock, startMock } from '../../ui/mock/start-mock.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { openBrowser } from './open-browser.ts'
import { markPage, readWall } from './read-wall.ts'
import { SCREENS } from './take-screenshots.ts'
import { DIALOGS, PATIENCE_MS } from './wall-states.ts'
import { watchConsole } from './watch-console.ts'

let browser: Browser
let context: BrowserContext
let mock: Mock

beforeAll(async () => {
  browser = await openBrowser()
  mock = await startMock()
  mock.show('live')
})
beforeEach(async () => {
  await context?.close()
  context = await browser.newContext({ viewport: SCREENS['1080p'], locale: 'en-GB' })
  context.setDefaultTimeout(PATIENCE_MS)
  mock.upgrade(null)
})
afterAll(async () => {
  await browser?.close()
  await mock?.close()
})

async function open(query: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(mock.url + query)
  await waitUntil('numbers', PATIENCE_MS, async () => (await readWall(page)).revenue !== null)
  return page
}
const queryOf = (page: Page) => new URL(page.url()).search
const isAt = (page: Page, query: string) =>
  waitUntil(`the address ${query}`, PATIENCE_MS, async () => queryOf(page) === query)
const axisOf = (page: Page) => page.locator('[data-tile=hero]').getAttribute('data-axis')

it('takes a key for the wall in the moment in which a dialog closes, though its field has the focus yet', async () => {
  const page = await open('/')
  await page.keyboard.press('/')
  await page.getByTestId('search').locator('input').waitFor()
  // As text: this is compiled for node. The browser tells of the close later, and moves the focus with the next frame.
  const isFocused = await page.evaluate(`(() => {
    const field = document.querySelector('[data-testid=search] input')
    field.closest('dialog').close()
    const isFocused = field.isConnected
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'r', bubbles: true }))
    return isFocused
  })()`)
  expect(isFocused).toBe(true)
  await page.getByTestId('replay').waitFor()
  await isAt(page, '?panel=replay')
})

it('reads nothing of a dialog any more that was closed before its answer came', async () => {
  mock.logIn(true)
  const page = await open('/')
  const complaints = watchConsole(page)
  let waiting = 0
  await page.route('**/api/v1/**', async (route) => {
    waiting += 1
    await new Promise((resolve) => setTimeout(resolve, 300))
    await route.continue().catch(() => {})
    waiting -= 1
  })
  for (const [name, key] of Object.entries(DIALOGS)) {
    await page.keyboard.press(key)
    const dialog = page.getByTestId(name)
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.waitForFunction('!history.state?.openedHere')
  }
  await waitUntil('all answers', PATIENCE_MS, async () => waiting === 0)
  await page.waitForTimeout(200)
  mock.logIn(false)
  expect(complaints.take()).toEqual([])
})

describe('the address', () => {
  it('has the axis and what is open; back, forward and reload show the same', async () => {
    const page = await open('/?tenant=t')
    const complaints = watchConsole(page)
    await page.locator('[data-axis=sale]').click()
    await isAt(page, '?tenant=t&axis=sale')
    await page.keyboard.press('c')
    const segments = page.getByTestId('segments')
    await segments.locator('tbody tr').first().waitFor()
    await isAt(page, '?tenant=t&axis=sale&panel=segments')

    await page.reload()
    await segments.locator('tbody tr').first().waitFor()
    await waitUntil('the axis', PATIENCE_MS, async () => (await axisOf(page)) === 'sale')

    await page.goBack()
    await segments.waitFor({ state: 'detached' })
    await page.goBack()
    await isAt(page, '?tenant=t')
    await waitUntil('the first axis', PATIENCE_MS, async () => (await axisOf(page)) === 'booked')
    await page.goForward()
    await page.goForward()
    await segments.waitFor()
    await page.keyboard.press('Escape')
    await segments.waitFor({ state: 'detached' })
    await isAt(page, '?tenant=t&axis=sale')
    expect(complaints.take()).toEqual([])
  })

  it('opens the proof of a tile, and closing it leaves no step behind', async () => {
    const page = await open('/?panel=proof-orders')
    const proof = page.getByTestId('proof')
    await proof.locator('section[data-figure=orders][data-verdict=exact]').waitFor()
    await page.keyboard.press('Escape')
    await proof.waitFor({ state: 'detached' })
    await isAt(page, '')
    const steps = () => page.evaluate('history.length')
    const before = await steps()
    await page.keyboard.press('?')
    await isAt(page, '?panel=keys')
    await page.getByRole('button', { name: 'customers by segment' }).click()
    await isAt(page, '?panel=segments')
    await page.getByTestId('segments').getByRole('button', { name: 'Close' }).click()
    await isAt(page, '')
    expect(await steps()).toBe((before as number) + 1)
    // Closed and another one opened before the browser has gone back.
    await page.keyboard.press('?')
    await page.getByTestId('keys').waitFor()
    await page.evaluate(`(() => {
      document.querySelector('dialog').close()
      document.querySelector('dialog').dispatchEvent(new Event('close'))
      dispatchEvent(new KeyboardEvent('keydown', { key: 'c' }))
    })()`)
    await page.getByTestId('segments').locator('tbody tr').first().waitFor()
    await isAt(page, '?panel=segments')
    // What is none of its dialogs opens nothing.
    await page.goto(`${mock.url}/?panel=proof-nothing`)
    await waitUntil('numbers', PATIENCE_MS, async () => (await readWall(page)).revenue !== null)
    expect(await page.locator('dialog').count()).toBe(0)
  })
})

/** A screen that counts who wants it on. */
const COUNT_LOCKS = `
  window.__locks = 0
  Object.defineProperty(navigator, 'wakeLock', { configurable: true, value: {
    request: async () => { window.__locks += 1; return { release: async () => { window.__locks -= 1 } } },
  } })`
const cursorOf = (page: Page) => page.evaluate('getComputedStyle(document.querySelector("h2")).cursor')

describe('the TV', () => {
  it('comes and goes by its key, with nothing to press, no cursor, and a screen that stays on', async () => {
    await context.addInitScript(COUNT_LOCKS)
    const page = await open('/?axis=sale')
    await page.keyboard.press('t')
    await isAt(page, '?axis=sale&tv')
    await waitUntil('the lock', PATIENCE_MS, async () => (await page.evaluate('window.__locks')) === 1)
    expect(await page.locator('button, a, input').count()).toBe(0)
    expect(await cursorOf(page)).toBe('none')
    for (const key of ['?', 'c', 'p', 's']) await page.keyboard.press(key)
    expect(await page.locator('dialog').count()).toBe(0)
    await page.reload()
    await waitUntil('numbers', PATIENCE_MS, async () => (await readWall(page)).revenue !== null)
    expect(await page.locator('button').count()).toBe(0)

    await page.keyboard.press('Escape')
    await page.getByTestId('axis').waitFor()
    await isAt(page, '?axis=sale')
    expect(await cursorOf(page)).not.toBe('none')
    await waitUntil('the lock gone', PATIENCE_MS, async () => (await page.evaluate('window.__locks')) === 0)
  })

  it('loads a new version by itself when the server comes back with one, and only once', async () => {
    const page = await open('/?tv')
    await markPage(page, 'old')
    mock.show('offline')
    await waitUntil('offline', PATIENCE_MS, async () => (await readWall(page)).phase === 'offline')
    // Neither the same page nor one that is not ours makes it reload.
    mock.restart()
    mock.show('live')
    await waitUntil('live', PATIENCE_MS, async () => (await readWall(page)).phase === 'live')
    expect((await readWall(page)).marker).toBe('old')

    mock.upgrade((html) => html.replace('</head>', '<!-- assets/index-newer.js --></head>'))
    mock.restart()
    await waitUntil('the new page', PATIENCE_MS, async () => {
      const wall = await readWall(page).catch(() => null)
      return wall?.marker === null && wall.phase === 'live'
    })
    await markPage(page, 'new')
    mock.restart()
    await waitUntil('live again', PATIENCE_MS, async () => (await readWall(page)).phase === 'live')
    expect(queryOf(page)).toBe('?tv')
    expect((await readWall(page)).marker).toBe('new')
  })

  it('is dimmed at night where that was asked for', async () => {
    const opacity = (page: Page) =>
      page.evaluate('getComputedStyle(document.querySelector("[data-testid=wall]")).opacity')
    expect(await opacity(await open('/?tv&dim=0-24'))).toBe('0.4')
    expect(await opacity(await open('/?tv'))).toBe('1')
    // Only a TV hangs where somebody sleeps.
    expect(await opacity(await open('/?dim=0-24'))).toBe('1')
  })
})

it('can be installed: a manifest, icons of the sizes that it names, and no worker between page and server', async () => {
  const page = await open('/')
  const href = await page.locator('link[rel=manifest]').getAttribute('href')
  const base = new URL(href!, page.url())
  const manifest = (await (await page.request.get(base.href)).json()) as {
    start_url: string
    display: string
    theme_color: string
    icons: { src: string; sizes: string; purpose?: string }[]
  }
  expect(manifest).toMatchObject({ start_url: '/', display: 'standalone' })
  expect(await page.locator('meta[name=theme-color]').getAttribute('content')).toBe(manifest.theme_color)
  const sizes = await Promise.all(
    manifest.icons.map(async ({ src, sizes }) => {
      const { width, height } = await page.evaluate<{ width: number; height: number }>(
        `new Promise((done, fail) => {
          const image = Object.assign(new Image(), { onload: () => done({ width: image.naturalWidth, height: image.naturalHeight }), onerror: fail })
          image.src = ${JSON.stringify(new URL(src, base).href)}
        })`,
      )
      return sizes === 'any' ? width > 0 : sizes === `${width}x${height}`
    }),
  )
  expect(sizes).toEqual([true, true, true, true])
  expect(manifest.icons.filter(({ purpose }) => purpose === 'maskable')).toHaveLength(1)
  expect(await page.evaluate('navigator.serviceWorker.getRegistrations().then((all) => all.length)')).toBe(0)
})
