/** Every state, dialog and door of the page by axe, in both languages, on a TV's and a phone's screen; and all by key. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Mock, startMock } from '../../ui/mock/start-mock.ts'
import { LANGUAGES } from '../../ui/src/language/pick-language.ts'
import { violations } from './find-violations.ts'
import { openBrowser } from './open-browser.ts'
import { SCREENS } from './take-screenshots.ts'
import {
  DIALOG_VIEWS,
  DIALOGS,
  DOORS,
  inDialog,
  openWall,
  PATIENCE_MS,
  STATES,
  showState,
} from './wall-states.ts'

let browser: Browser
let mock: Mock

beforeAll(async () => {
  browser = await openBrowser()
  mock = await startMock()
})
afterAll(async () => {
  await browser?.close()
  await mock?.close()
})

const LOOKS = LANGUAGES.flatMap((lang) => (['1080p', 'phone'] as const).map((screen) => ({ lang, screen })))

describe.each(LOOKS)('$screen in $lang', ({ lang, screen }) => {
  const found: Record<string, string[]> = {}

  it('has nothing that axe finds, in any state', async () => {
    const page = await openWall(browser, mock, { size: SCREENS[screen], lang })
    for (const state of STATES) {
      await showState(page, mock, state)
      found[state] = await violations(page)
    }
    await showState(page, mock, 'live')
    for (const name of Object.keys(DIALOGS) as (keyof typeof DIALOGS)[])
      await inDialog(page, name, async (view) => {
        found[view] = await violations(page)
      })
    await page.goto(`${mock.url}/?tv&lang=${lang}`)
    await page.locator('.tv [data-tile=hero][data-value]').waitFor()
    found.tv = await violations(page)
    for (const door of DOORS) {
      await page.goto(`${mock.url}${door}?lang=${lang}`)
      await page.getByRole('heading').waitFor()
      found[door] = await violations(page)
    }
    await page.close()

    expect(Object.keys(found)).toHaveLength(STATES.length + DIALOG_VIEWS + 1 + DOORS.length)
    expect(Object.entries(found).filter(([, faults]) => faults.length > 0)).toEqual([])
  })
})

it('finds what is planted: soft text too soft, a button without a name', async () => {
  const page = await openWall(browser, mock, { size: SCREENS['1080p'], lang: 'en' })
  await page.evaluate(`document.querySelector('footer').insertAdjacentHTML('beforeend',
    '<span style="color:#4a5058">too soft</span><button></button>')`)
  const rules = (await violations(page)).map((fault) => fault.split(':')[0])
  expect(rules.toSorted()).toEqual(['button-name', 'color-contrast'])
  await page.close()
})

const FOCUS = `(() => {
  const element = document.activeElement
  const ring = element.dataset.prove ? getComputedStyle(element, '::after') : getComputedStyle(element)
  return {
    name: element.dataset.prove ?? element.dataset.axis ?? element.dataset.testid ?? element.textContent.trim(),
    outline: parseFloat(ring.outlineWidth) > 0 && ring.outlineStyle !== 'none',
  }
})()`
const focusOf = (page: Page) => page.evaluate<{ name: string; outline: boolean }>(FOCUS)

it('goes everywhere by Tab, with a focus that is seen, and comes back from a dialog', async () => {
  const page = await openWall(browser, mock, { size: SCREENS['1080p'], lang: 'en' })
  const names: string[] = []
  for (let step = 0; step < 12; step++) {
    await page.keyboard.press('Tab')
    const { name, outline } = await focusOf(page)
    expect({ name, outline }).toEqual({ name, outline: true })
    names.push(name)
  }
  expect(names).toEqual([
    ...[
      'booked',
      'sale',
      'account',
      '?',
      'hero',
      'note-mark',
      'note-mark',
      'orders',
      'ticket',
      'customers',
      'units',
      'refunds',
    ],
  ])
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Enter')
  await page.getByTestId('proof').locator('section[data-verdict]').first().waitFor()
  // Inside the dialog the focus goes round and never to the wall below.
  for (let step = 0; step < 12; step++) {
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.closest("main") === null')).toBe(true)
  }
  await page.keyboard.press('Escape')
  await page.locator('[data-prove=units]:focus').waitFor({ timeout: PATIENCE_MS })
  await page.close()
})

it('moves nothing for whoever wants no motion, and rolls a digit for whoever does', async () => {
  const animations = async (reducedMotion: 'reduce' | 'no-preference') => {
    const page = await openWall(browser, mock, { size: SCREENS['1080p'], lang: 'en' })
    await page.emulateMedia({ reducedMotion })
    const before = await page.getByTestId('revenue').getAttribute('data-value')
    const count = page.evaluate<number>(
      `new Promise((done) => {
        const shown = () => document.querySelector('[data-testid=revenue]').dataset.value
        const look = () => shown() === '${before}' ? requestAnimationFrame(look)
          : requestAnimationFrame(() => done(document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 0).length))
        look()
      })`,
    )
    mock.order()
    const moving = await count
    await page.close()
    return moving
  }
  expect(await animations('reduce')).toBe(0)
  expect(await animations('no-preference')).toBeGreaterThan(0)
})
