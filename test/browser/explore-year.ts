/** What is asked of the year beside its live day: any days by any side, a search, a past day played again. */
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { fromE4, sumToE4 } from '../../core/contracts/money.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { readWall } from './read-wall.ts'
import type { FileSums } from './sum-the-file.ts'
import { watchConsole } from './watch-console.ts'

export interface Year {
  browser: Browser
  address: string
  file: FileSums
}

export async function onWall(
  { browser, address }: Year,
  look: (page: Page) => Promise<void>,
  query = '',
): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
  const complaints = watchConsole(page)
  await page.goto(`${address}/${query}`)
  await waitUntil('numbers', 20_000, async () => (await readWall(page)).revenue !== null)
  await look(page)
  expect(complaints.take()).toEqual([])
  await page.close()
}

/** A month that was typed, held to a country, then to one of its days; the address has it all. */
export async function exploresDays(year: Year): Promise<void> {
  const ofMonth = (month: string, country?: string) =>
    [...year.file.byMonthAndCountry]
      .filter(([key]) => key.startsWith(month) && (country === undefined || key === `${month} ${country}`))
      .reduce((sum, [, e4]) => sum + e4, 0n)
  await onWall(year, async (page) => {
    await page.keyboard.press('d')
    const panel = page.getByTestId('explore')
    const sum = panel.getByTestId('explore-sum')
    const shows = (e4: bigint) =>
      waitUntil(
        `a sum of ${fromE4(e4)}`,
        15_000,
        async () => sumToE4((await sum.getAttribute('data-value', { timeout: 15_000 }))!) === e4,
      )
    await panel.getByLabel('From', { exact: true }).fill('2011-11-01')
    await panel.getByLabel('to', { exact: true }).fill('2011-11-30')
    await shows(ofMonth('2011-11'))
    await panel.locator('[data-key=Germany] button').click()
    await shows(ofMonth('2011-11', 'Germany'))
    expect(new URL(page.url()).searchParams.get('country')).toBe('Germany')
    const rows = panel.locator('tbody tr')
    expect(await rows.evaluateAll((all) => all.map(({ dataset }) => dataset.key))).toEqual(['Germany'])

    const days = await panel
      .locator('[data-day]')
      .evaluateAll((all) => all.map(({ dataset }) => ({ day: dataset.day!, revenue: dataset.value! })))
    expect(days).toHaveLength(30)
    expect(days.reduce((whole, { revenue }) => whole + sumToE4(revenue), 0n)).toBe(
      ofMonth('2011-11', 'Germany'),
    )

    await page.reload()
    await shows(ofMonth('2011-11', 'Germany'))
    await panel.locator('[data-filter=country]').click()
    await shows(ofMonth('2011-11'))
    await panel.locator('[data-day="2011-11-17"]').click()
    await shows(year.file.byDay.get('2011-11-17')!)
    await panel.getByTestId('explore-by').selectOption('source')
    await panel.locator('tr[data-key=online-retail]').waitFor()
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    expect(page.url()).not.toContain('country')
  })
}

/** By a part of a number; down to the record of an order, and on to a customer's own days. */
export async function searches(year: Year): Promise<void> {
  await onWall(year, async (page) => {
    await page.keyboard.press('/')
    const panel = page.getByTestId('search')
    const field = panel.getByRole('searchbox')
    await field.fill('53641')
    const orders = panel.getByTestId('found-orders').locator('[data-order]')
    await orders.first().waitFor()
    const found = await orders.evaluateAll((all) => all.map(({ dataset }) => dataset.order!))
    expect(found.length).toBeGreaterThan(2)
    expect(found.filter((id) => !id.includes('53641'))).toEqual([])
    await orders.first().click()
    await panel.getByTestId('order-trail').waitFor()
    await page.keyboard.press('Escape')

    await field.fill('rabbit night')
    await waitUntil('the article', 10_000, async () =>
      (
        await panel
          .getByTestId('found-products')
          .innerText()
          .catch(() => '')
      ).includes('RABBIT NIGHT LIGHT'),
    )
    await field.fill('no such thing')
    await panel.getByText('Nothing has “no such thing” in it.').waitFor()
    await field.fill('14911')
    await panel.locator('[data-customer="14911"]').click()
    const explore = page.getByTestId('explore')
    await explore.locator('[data-filter=customer]').waitFor()
    expect(page.url()).not.toContain('q=')
    await page.keyboard.press('Escape')
    await explore.waitFor({ state: 'detached' })
  })
}

/** 17 November beside the last day: at its end it has what the file has, and on its way what was booked by then. */
export async function playsADayAgain(year: Year): Promise<void> {
  await onWall(
    year,
    async (page) => {
      const panel = page.getByTestId('replay')
      const past = panel.getByTestId('replay-past')
      await past.waitFor()
      const value = async () => sumToE4((await past.getAttribute('data-value'))!)
      const minute = async () => Number(await panel.getAttribute('data-minute'))
      const [first, began] = [await value(), await minute()]
      await panel.locator('[data-speed="900"]').click()
      await waitUntil('half an hour of that day', 10_000, async () => (await minute()) > began + 60)
      await panel.getByTestId('replay-play').click()
      const [stands, at] = [await value(), await minute()]
      expect(stands).toBeGreaterThan(first)
      const answer = await page.request.get(`${year.address}/api/v1/series?day=2011-11-17&step=1`)
      const { revenue } = (await answer.json()) as { revenue: string[] }
      expect(stands).toBe(sumToE4(revenue[at - 1]!))
      await panel.locator('ol time').first().waitFor()
      await panel.getByRole('slider').fill('1440')
      expect(await value()).toBe(year.file.byDay.get('2011-11-17'))
      await panel.getByText('Today so far').waitFor()
      await panel.getByRole('textbox', { name: 'Day' }).fill('2011-11-16')
      await waitUntil('the day before', 10_000, async () => page.url().includes('day=2011-11-16'))
      await page.keyboard.press('Escape')
      await panel.waitFor({ state: 'detached' })
      expect(page.url()).not.toContain('day=')
    },
    '?panel=replay&day=2011-11-17',
  )
}

/** Whoever looks on a stream learns no single order; the sums stay. */
export async function hidesOrders(year: Year): Promise<void> {
  await onWall(year, async (page) => {
    const rows = page.locator('[data-tile=latest] li')
    expect(await rows.first().getAttribute('data-value')).toMatch(/^-?\d/)
    await page.keyboard.press('h')
    await waitUntil('no amounts', 5_000, async () => (await rows.first().innerText()).includes('•••'))
    expect(await rows.evaluateAll((all) => all.filter(({ dataset }) => dataset.value !== undefined))).toEqual(
      [],
    )
    expect(await rows.first().innerText()).not.toMatch(/\d\.\d\d/)
    expect(page.url()).toMatch(/\?hide$/)
    await page.keyboard.press('h')
    await waitUntil('amounts', 5_000, async () => !(await rows.first().innerText()).includes('•••'))
  })
}
