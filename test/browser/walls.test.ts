/** Walls of a tenant's own in a real browser, on the real api: edited by key and by hand, saved, seen elsewhere, played on a TV. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DATABASE, startTestApi, type TestApi } from '../../api/testing/start-api.ts'
import { insertRows } from '../../clickhouse/insert-rows.ts'
import { marks } from '../../clickhouse/queries/testing/insert-changes.ts'
import type { WallsAnswer } from '../../core/contracts/walls.ts'
import { ROOT } from '../cli/revwall-process.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { violations } from './find-violations.ts'
import { openBrowser } from './open-browser.ts'
import { SCREENS } from './take-screenshots.ts'
import { PATIENCE_MS } from './wall-states.ts'
import { watchConsole } from './watch-console.ts'

const DAY = '2011-11-17'
const HERO = { tile: 'hero', w: 6, h: 9 }
const AT = `${DAY}T10:00:00Z`
const FORECAST = {
  ...{ tenant: 'acme', series: 'revenue', dimension: 'all', key: '', currency: 'GBP' },
  ...{ cutoff: '2011-11-16', revision: 1 },
}
const INCIDENT = { tenant: 'acme', revision: 1, currency: 'GBP', opened_at: AT, changed_at: AT, seen_at: AT }
/** What analytics would have written. */
const ANALYTICS: Readonly<Record<string, object[]>> = {
  forecast_models: [{ ...FORECAST, first_day: '2011-11-01', days: 16 }],
  forecasts: [
    { ...FORECAST, day: DAY, horizon: 1, value: '900', low80: '700', high80: '1100' },
    { ...FORECAST, day: '2011-11-18', horizon: 2, value: '1200', low80: '-100', high80: '2500' },
    { ...FORECAST, day: '2011-11-19', horizon: 3, value: '600', low80: '400', high80: '800' },
  ],
  incident_changes: [
    {
      ...{ ...INCIDENT, alert_id: 'i1', kind: 'metric', state: 'open', severity: 'critical' },
      ...{ subject: 'orders', direction: 'fall', cause: 'level' },
      ...{ observed: '12', expected: '40', low: '29', high: '51' },
    },
    {
      ...{ ...INCIDENT, alert_id: 'i2', kind: 'data.stale', state: 'acknowledged', severity: 'warning' },
      ...{ subject: 'shop', acknowledged_by: 'ana' },
    },
    { ...INCIDENT, alert_id: 'i3', kind: 'metric', state: 'resolved', severity: 'info', subject: 'refunds' },
  ],
}

let folder: string
let api: TestApi
let browser: Browser
let context: BrowserContext

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'revwall-walls-'))
  api = await startTestApi({ staticFolder: join(ROOT, 'ui/dist'), wallsFile: join(folder, 'walls.json') })
  const entries = [{ at: `${DAY}T08:00:00Z`, kind: 'sale' as const, amount: '12.5' }]
  const told = { upTo: `${DAY}T10:30:00Z`, polledAt: new Date().toISOString(), speed: 60 }
  await api.insert([
    {
      tenant: 'acme',
      orderId: 'A1',
      entries,
      region: 'North',
      country: 'Brasil',
      salesRep: 'Ines',
      shipping: '2.5',
    },
    ...marks(4, { first: 0, last: 9, progress: [{ tenant: 'acme', ...told }] }),
  ])
  for (const [table, rows] of Object.entries(ANALYTICS))
    await insertRows(api.db.warehouse, `${DATABASE}.${table}`, rows, table)
  browser = await openBrowser()
  context = await browser.newContext({ viewport: SCREENS['1080p'], locale: 'en-GB' })
  context.setDefaultTimeout(PATIENCE_MS)
})
afterAll(async () => {
  await browser?.close()
  await api?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function open(query: string, more: { reducedMotion?: 'reduce' } = {}): Promise<Page> {
  const page = await context.newPage()
  if (more.reducedMotion) await page.emulateMedia(more)
  await page.goto(api.url + query)
  await page.locator('[data-tile=hero][data-value="12.5"], [data-spot=hero]').first().waitFor()
  return page
}
const walls = async (): Promise<WallsAnswer> => (await context.request.get(`${api.url}/api/v1/walls`)).json()
async function post(path: string, data: object): Promise<void> {
  const headers = { origin: api.url }
  const answer = await context.request.post(`${api.url}/api/v1/${path}`, { data, headers })
  expect([path, answer.status(), await answer.text()]).toEqual([path, 200, expect.any(String)])
}
const save = (name: string, tiles: object[]) =>
  post('walls/save', { name, version: null, wall: { title: name, tiles } })
const tilesOf = (page: Page) =>
  page
    .locator('[data-page] [data-tile]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('data-tile')))
const spotsOf = (page: Page) =>
  page.locator('[data-spot]').evaluateAll((all) => all.map((one) => one.getAttribute('data-spot')))
const said = (page: Page, text: string) =>
  page.getByTestId('said').filter({ hasText: text }).waitFor({ state: 'attached' })
const grip = (page: Page, tile: string) => page.locator(`[data-edit=${tile}]`)

async function edit(query = '/'): Promise<Page> {
  const page = await open(query)
  await page.getByTestId('axis').waitFor()
  // Who looks is known a moment after the page is there.
  await waitUntil('the edit mode', PATIENCE_MS, async () => {
    if ((await page.getByTestId('edit').count()) === 0) await page.keyboard.press('m')
    return (await page.getByTestId('edit').count()) === 1
  })
  return page
}

describe('by key', () => {
  it('moves, sizes, removes, adds and takes back, says so, and asks before changes are lost', async () => {
    const page = await edit()
    const complaints = watchConsole(page)
    expect(await violations(page)).toEqual([])
    await grip(page, 'orders').focus()
    await page.keyboard.press('ArrowRight')
    await said(page, 'Orders is now 3 of 10.')
    expect((await spotsOf(page)).slice(0, 4)).toEqual(['hero', 'ticket', 'orders', 'customers'])
    expect(await page.evaluate('document.activeElement.dataset.edit')).toBe('orders')
    await page.keyboard.press('ArrowDown')
    await said(page, 'Orders is now 5 of 10.')
    await page.keyboard.press('Shift+ArrowLeft')
    await said(page, 'Orders is now 2 wide and 3 high.')
    await page.keyboard.press('Shift+ArrowLeft')
    await said(page, 'It cannot go further.')
    await page.keyboard.press('Delete')
    await said(page, 'Orders was removed.')
    await page.keyboard.press('Control+z')
    await said(page, 'Taken back.')
    expect(await spotsOf(page)).toContain('orders')
    await page.getByTestId('edit-add').selectOption('reps')
    await said(page, 'Commission base today was added at the end.')

    await page.keyboard.press('Escape')
    await page.getByTestId('unsaved').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Go on editing' }).click()
    // The browser's own way back keeps them too.
    await page.goBack()
    await page.getByTestId('edit').waitFor({ state: 'detached' })
    await page.goForward()
    await waitUntil('the draft', PATIENCE_MS, async () => (await spotsOf(page)).at(-1) === 'reps')

    await page.getByTestId('edit-axis').selectOption('sale day')
    await page.locator('[data-spot=hero] [data-tile=hero][data-axis=sale]').waitFor()
    await page.getByTestId('edit-title').fill('Hall')
    await page.getByTestId('edit-name').fill('hall')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${api.url}/?wall=hall`)
    await page.locator('[data-tile=reps][aria-label^="Commission"]').waitFor()
    const expected = [
      ...['hero', 'ticket', 'customers', 'units', 'orders', 'refunds', 'margin'],
      ...['products', 'countries', 'latest', 'reps'],
    ]
    expect(await tilesOf(page)).toEqual(expected)
    expect((await walls()).walls[0]).toMatchObject({ name: 'hall', title: 'Hall', axis: 'sale' })
    await page.locator('[data-tile=hero][data-axis=sale]').waitFor()
    // An axis in the address would hide the one that is saved.
    const back = await edit('/?wall=hall&axis=sale')
    expect(await back.getByTestId('edit-axis').inputValue()).toBe('sale')
    await back.getByTestId('edit-axis').selectOption('booked')
    await back.getByRole('button', { name: 'Save', exact: true }).click()
    // The editor has shown that axis before it was saved.
    await back.waitForURL((url) => url.search === '?wall=hall')
    await back.locator('[data-tile=hero][data-axis=booked]').waitFor()
    expect((await walls()).walls[0]!.axis).toBeUndefined()
    await back.close()
    expect((await walls()).walls[0]!.tiles[4]).toEqual({ tile: 'orders', w: 2, h: 3 })
    const other = await open('/?wall=hall')
    await other.locator('[data-tile=reps]').waitFor()
    expect(await tilesOf(other)).toEqual(expected)
    expect(complaints.take()).toEqual([])
    await Promise.all([page.close(), other.close()])
  })
})

describe('by hand', () => {
  it('drags a tile to the place of another, sizes it by its corner, and another page follows', async () => {
    const other = await open('/?wall=hall')
    const page = await edit('/?wall=hall')
    const middle = async (selector: string) => {
      const { x, y, width, height } = (await page.locator(selector).boundingBox())!
      return { x: x + width / 2, y: y + height / 2 }
    }
    const drag = async (from: { x: number; y: number }, to: { x: number; y: number }) => {
      await page.mouse.move(from.x, from.y)
      await page.mouse.down()
      await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2)
      await page.mouse.move(to.x, to.y)
      await page.mouse.up()
    }
    await drag(await middle('[data-edit=margin]'), await middle('[data-edit=ticket]'))
    await said(page, 'Margin is now 2 of 11.')
    expect((await spotsOf(page)).slice(0, 3)).toEqual(['hero', 'margin', 'ticket'])
    const corner = await middle('[data-handle=hero]')
    const column = (await page.locator('[data-spot=hero]').boundingBox())!.width / 6
    await drag(corner, { x: corner.x + column, y: corner.y })
    await said(page, 'Revenue today is now 7 wide and 9 high.')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByTestId('edit').waitFor({ state: 'detached' })
    await waitUntil('the other page', PATIENCE_MS, async () => (await tilesOf(other))[1] === 'margin')
    expect((await walls()).walls[0]!.tiles[0]).toEqual({ ...HERO, w: 7 })
    await Promise.all([page.close(), other.close()])
  })

  it('saves nothing over what somebody else has saved meanwhile', async () => {
    await save('shared', [HERO])
    const page = await edit('/?wall=shared')
    await grip(page, 'hero').focus()
    await page.keyboard.press('Shift+ArrowRight')
    const { version } = (await walls()).walls.find(({ name }) => name === 'shared')!
    await post('walls/save', { name: 'shared', version, wall: { title: 'theirs', tiles: [HERO] } })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Somebody else has changed this wall').waitFor()
    expect((await walls()).walls.find(({ name }) => name === 'shared')).toMatchObject({ title: 'theirs' })
    await page.close()
  })
})

it('asks the api for the tiles that no frame brings; one with nothing to show says why', async () => {
  const tiles = ['region', 'channel', 'state', 'rep'].map((tile) => ({ tile, w: 3, h: 4 }))
  const others = [
    { tile: 'reps', w: 6, h: 4 },
    { tile: 'segments', w: 6, h: 4 },
    { tile: 'profile', w: 6, h: 5 },
    { tile: 'map', w: 6, h: 5 },
    { tile: 'outlook', w: 4, h: 4 },
    { tile: 'incidents', w: 6, h: 4 },
  ]
  await save('asked', [HERO, ...tiles, ...others])
  const page = await open('/?wall=asked')
  await page.locator('[data-tile=region] li[data-key=North][data-value="12.5"]').waitFor()
  await page.locator('[data-tile=rep] li[data-key=Ines]').waitFor()
  await page.locator('[data-tile=reps] tr[data-key=Ines][data-commission="10"]').waitFor()
  await page.getByText('No order of today tells its channel.').waitFor()
  await page.getByText('No customers yet: orders that name their customer').waitFor()
  await page.locator('[data-tile=profile] [data-hour="4-8"][data-value]').waitFor()
  await page.locator('[data-tile=map] [data-country=BR][data-value^="12.5"]').waitFor()
  const days = page.locator('[data-tile=outlook] li')
  await days.first().waitFor()
  // Not of the day that is on its way.
  expect(await days.allInnerTexts()).toEqual([
    expect.stringMatching(/Fri 18 Nov\s+1,200 \(0 to 2,500\)/),
    expect.stringMatching(/Sat 19 Nov\s+600 \(400 to 800\)/),
  ])
  const incidents = page.locator('[data-tile=incidents] li')
  await incidents.first().waitFor()
  // Not what is over.
  expect((await incidents.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '))).toEqual([
    'critical Orders below usual: 12, usually 29 to 51 17 Nov 2011, 10:00',
    'warning shop does not answer looked after by ana',
  ])
  expect(await violations(page)).toEqual([])
  await page.setViewportSize(SCREENS.phone)
  const lefts = await page
    .locator('[data-page] .cell')
    .evaluateAll((all) => [...new Set(all.map((one) => Math.round(one.getBoundingClientRect().left)))])
  expect(lefts).toHaveLength(1)
  expect((await tilesOf(page)).slice(0, 3)).toEqual(['hero', 'region', 'channel'])
  await page.close()
})

describe('on a TV', () => {
  /** What is seen at each frame of the screen, with what the api was asked for; as text: this is compiled for node. */
  const WATCH = `(() => {
    window.__seen = []
    const look = () => {
      const pages = [...document.querySelectorAll('[data-page]')].filter((one) => getComputedStyle(one).visibility === 'visible')
      const hero = pages[0]?.querySelector('[data-tile=hero]')?.dataset.value
      const region = pages[0]?.querySelector('[data-tile=region] li')?.dataset.key
      const now = [pages.map((one) => one.dataset.page).join('+'), hero, region].filter(Boolean).join(' ')
      if (window.__seen.at(-1) !== now) window.__seen.push(now)
      requestAnimationFrame(look)
    }
    look()
  })()`

  it('shows one wall after the other without a flash, and goes on when one is removed', async () => {
    await save('first', [HERO])
    await save('second', [HERO, { tile: 'region', w: 4, h: 4 }])
    await post('playlists/save', {
      ...{ name: 'tour', version: null },
      playlist: { walls: ['first', 'second', 'default'], seconds: 5 },
    })
    const page = await open('/?tv&play=tour')
    const complaints = watchConsole(page)
    await page.getByTestId('countdown').waitFor()
    expect(await page.locator('button, a, input').count()).toBe(0)
    await page.evaluate(WATCH)
    const seen = () => page.evaluate<string[]>('window.__seen')
    await waitUntil('a round', PATIENCE_MS, async () => (await seen()).length >= 4)
    const round = ['first 12.5', 'second 12.5 North', 'default 12.5']
    const words = (await seen()).slice(0, 4)
    // On a busy machine it is watched a wall later.
    const begin = Math.max(0, round.indexOf(words[0]!))
    expect(words).toEqual([0, 1, 2, 3].map((n) => round[(begin + n) % round.length]))

    const { version } = (await walls()).walls.find(({ name }) => name === 'second')!
    await post('walls/remove', { name: 'second', version })
    await waitUntil('the answer', PATIENCE_MS, async () => (await seen()).length >= 7)
    expect((await seen()).slice(-2).filter((word) => word.startsWith('second'))).toEqual([])
    expect((await seen()).filter((word) => !/ 12\.5( North)?$/.test(word))).toEqual([])
    expect(complaints.take()).toEqual([])
    await page.close()
  })

  it('has no line that moves where motion is not wanted, and the built-in wall where a list is gone', async () => {
    const page = await open('/?tv&play=tour', { reducedMotion: 'reduce' })
    await page.getByTestId('countdown').waitFor()
    expect(await page.evaluate('document.getAnimations().length')).toBe(0)
    const gone = await open('/?tv&play=gone')
    await gone.getByText('There is no “gone” here any more').waitFor()
    expect((await tilesOf(gone)).length).toBe(10)
    await Promise.all([page.close(), gone.close()])
  })
})

it('lists walls and playlists by a key, shows, makes and removes them', async () => {
  const page = await open('/')
  await page.getByTestId('axis').waitFor()
  await page.keyboard.press('l')
  const dialog = page.getByTestId('walls')
  await dialog.locator('[data-wall=hall]').waitFor()
  const form = dialog.getByTestId('playlist')
  await form.getByLabel('Name').fill('evening')
  await form.getByRole('button', { name: 'Save the playlist' }).click()
  await form.getByText('Add a wall first.').waitFor()
  for (const wall of ['hall', 'default', 'first']) await form.getByTestId('add-turn').selectOption(wall)
  const turns = () =>
    form
      .locator('[data-turn]')
      .evaluateAll((all) => all.map((one) => one.getAttribute('data-turn')).join(' '))
  expect(await turns()).toBe('hall default first')
  await form.getByRole('button', { name: 'first: 3 of 3' }).focus()
  await page.keyboard.press('ArrowUp')
  await page.getByTestId('turns-said').getByText('first is now 2 of 3.').waitFor({ state: 'attached' })
  expect(await page.evaluate('document.activeElement.dataset.turn')).toBe('first')
  await page.keyboard.press('ArrowUp')
  expect(await turns()).toBe('first hall default')
  await page.keyboard.press('ArrowUp')
  await page.getByTestId('turns-said').getByText('It cannot go further.').waitFor({ state: 'attached' })
  expect(await violations(page)).toEqual([])
  await form.getByRole('button', { name: 'Save the playlist' }).click()
  await dialog.locator('[data-playlist=evening]').waitFor()
  const evening = async () => (await walls()).playlists.find(({ name }) => name === 'evening')
  expect(await evening()).toMatchObject({ walls: ['first', 'hall', 'default'], seconds: 20 })

  await dialog.getByRole('button', { name: 'Edit evening' }).click()
  expect(await form.getByLabel('Name').inputValue()).toBe('evening')
  await form.getByLabel('Seconds').fill('30')
  // The last one is dragged to the first place, and the one that is then last taken out by key.
  const grip = async (nth: number) => (await form.locator('[data-turn]').nth(nth).boundingBox())!
  const [from, to] = [await grip(2), await grip(0)]
  await page.mouse.move(from.x + 20, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(to.x + 20, from.y)
  await page.mouse.move(to.x + 20, to.y + to.height / 2)
  await page.mouse.up()
  await waitUntil('the drop', PATIENCE_MS, async () => (await turns()) === 'default first hall')
  await form.locator('[data-turn=hall]').focus()
  await page.keyboard.press('Delete')
  expect(await turns()).toBe('default first')
  await form.getByRole('button', { name: 'Save the playlist' }).click()
  await dialog.getByText('30 s each').waitFor()
  expect(await evening()).toMatchObject({ walls: ['default', 'first'], seconds: 30 })

  await dialog.getByRole('button', { name: 'Remove evening' }).click()
  await dialog.getByRole('button', { name: 'Really remove evening' }).click()
  await dialog.locator('[data-playlist=evening]').waitFor({ state: 'detached' })
  await dialog.getByRole('button', { name: 'Hall', exact: true }).click()
  await page.waitForURL(`${api.url}/?wall=hall`)
  await page.locator('[data-page=hall]').waitFor()
  await page.close()
})
