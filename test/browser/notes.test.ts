/** What is said by a program and by hand, on the page of a real `up`: at once, after a restart, and in a new run. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RevwallProcess, startRevwall } from '../cli/revwall-process.ts'
import { runRevwall } from '../cli/run-revwall.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { openBrowser } from './open-browser.ts'
import { type ConsoleWatch, isUnreachable, watchConsole } from './watch-console.ts'

const WITHIN_MS = 30_000
const folder = temporaryFolder('notes')
let up: RevwallProcess
let browser: Browser
let page: Page
let complaints: ConsoleWatch
let address: string

async function start(): Promise<void> {
  up = startRevwall({ args: ['up', '--no-replay'], folder: folder.path })
  address = await up.ready()
  await page.goto(address)
}

beforeAll(async () => {
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
  complaints = watchConsole(page)
  await start()
})
afterAll(async () => {
  await browser?.close()
  await up?.dispose()
  folder.remove()
})

const tell = (path: string, body: object, origin = address) =>
  fetch(`${address}/api/v1/${path}`, {
    ...{
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', origin },
    },
  })
const marks = () => page.getByTestId('note-mark').allInnerTexts()
const marked = (...texts: string[]) =>
  waitUntil(
    () => `the marks ${texts.join(', ')}`,
    WITHIN_MS,
    async () => (await marks()).toSorted().join() === texts.toSorted().join(),
  )

describe('annotations', () => {
  it('that a program tells are on the chart within seconds, and read out', async () => {
    expect(
      (await tell('annotations/add', { kind: 'deploy', text: 'v 2.0' }, 'https://evil.example')).status,
    ).toBe(403)
    const told = await tell('annotations/add', { id: 'ci-1', kind: 'deploy', text: 'v 2.0' })
    expect(told.status).toBe(200)
    await marked('v 2.0')
    const list = page.getByRole('list', { name: 'What happened today' })
    await list.getByRole('button', { name: /^\d\d:\d\d, deploy: v 2\.0$/ }).waitFor()
    // Of a replaced one there is no second mark.
    await tell('annotations/add', { id: 'ci-1', kind: 'deploy', text: 'v 2.1' })
    await marked('v 2.1')
  })

  it('are added and taken back by hand, in what their mark opens', async () => {
    await page.getByTestId('note-mark').focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByTestId('notes')
    await dialog.getByLabel('Kind').selectOption('price')
    await dialog.getByLabel('What', { exact: true }).fill('mugs are dearer')
    await page.keyboard.press('Enter')
    await dialog.getByRole('button', { name: 'Remove mugs are dearer' }).waitFor()
    await dialog.getByRole('button', { name: 'Remove v 2.1' }).click()
    await dialog.getByRole('button', { name: 'Remove v 2.1' }).waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await marked('mugs are dearer')
  })
})

describe('targets', () => {
  it('are set by hand, and stand under the number then; without one there is nothing', async () => {
    expect(await page.getByTestId('target').count()).toBe(0)
    await page.keyboard.press('n')
    const form = page.getByTestId('target-form')
    await form.getByLabel('Target').fill('58000')
    await form.getByRole('button', { name: 'Set' }).click()
    await page.locator('[data-testid=progress] [data-period=day]').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('target').waitFor()
    expect(await page.getByTestId('target').innerText()).toMatch(/^0 % of today’s target, 58,000\.00/)
  })
})

async function allIsThere(): Promise<void> {
  await marked('mugs are dearer')
  expect(await page.getByTestId('target').getAttribute('data-value')).toBe('58000')
}

describe('both', () => {
  it('are there after kill -9 and in another life', async () => {
    await up.end('SIGKILL')
    await start()
    await allIsThere()
  })

  it('are taken from the log into a new run', async () => {
    const run = (...args: string[]) => runRevwall(args, { REVWALL_DATA: folder.path })
    expect(await run('runs', 'new')).toMatchObject({ code: 0 })
    // Refused until it has caught up.
    await waitUntil('the switch', 60_000, async () => (await run('runs', 'switch', 'r2')).code === 0)
    await waitUntil('the note in the views of the new run', WITHIN_MS, async () => {
      const told = await run('sql', '--json', 'SELECT text FROM revwall.v1_annotations')
      return told.stdout === '{"text":"mugs are dearer"}\n'
    })
    await page.reload()
    await allIsThere()
    expect(complaints.take().filter((line) => !isUnreachable(line))).toEqual([])
  })
})
