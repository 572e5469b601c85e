/** The wall and the door in both languages, in a real browser: every word is of the catalogue, of the data or a date. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SAYINGS } from '../../core/contracts/sayings.ts'
import { tilesAt } from '../../ui/mock/figures-of-a-day.ts'
import { NOTE_TEXTS } from '../../ui/mock/notes-of-a-day.ts'
import { LABELS } from '../../ui/mock/segments-of-a-day.ts'
import { type Mock, startMock } from '../../ui/mock/start-mock.ts'
import { doorMessages } from '../../ui/src/door/door-messages.ts'
import { LANGUAGES, type Language } from '../../ui/src/language/pick-language.ts'
import { english } from '../../ui/src/messages.ts'
import { portuguese } from '../../ui/src/messages-pt.ts'
import { openBrowser } from './open-browser.ts'
import { markPage, readWall } from './read-wall.ts'
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

const CATALOGUES = { en: english, 'pt-BR': portuguese }
/** Codes, names, methods, and what is called alike everywhere. */
const NAMES =
  'revwall c english português gbp ana zebra lobby depot theta comb k m mil mi eur hall tour r b p q'

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

const wordsOf = (text: string): string[] => text.toLowerCase().match(/\p{L}+/gu) ?? []

/** The texts of a catalogue; of a function those between its quotes, whatever it is called with. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsOf)
  const source = String(value)
  const quoted = [...source.matchAll(/'([^']*)'|"([^"]*)"/g)].map((match) => match[1] ?? match[2]!)
  const between = [...source.matchAll(/`([^`]*)`/g)].map((match) => match[1]!.replace(/\$\{[^}]*\}/g, ' '))
  return [...quoted, ...between]
}

function knownWords(language: Language): Set<string> {
  const { tenant, products, countries, sources } = tilesAt(872, 'booked', { orders: 0, revenue: '0' })
  const data = [
    tenant.name,
    ...products.map(({ name }) => name),
    ...countries.map(({ country }) => country),
    ...NOTE_TEXTS,
    ...LABELS.map(({ en, pt }) => (language === 'en' ? en : pt)),
  ]
  // A day of each weekday, and one of each month.
  const weekdays = Array.from({ length: 7 }, (_, day) => new Date(Date.UTC(2011, 10, 13 + day)))
  const days = [...weekdays, ...Array.from({ length: 12 }, (_, month) => new Date(Date.UTC(2011, month, 1)))]
  const dates = (['long', 'short'] as const).flatMap((style) =>
    days.map((day) =>
      day.toLocaleDateString(language === 'en' ? 'en-GB' : language, {
        weekday: style,
        day: 'numeric',
        month: style,
        year: 'numeric',
        timeZone: 'UTC',
      }),
    ),
  )
  const texts = [...textsOf(CATALOGUES[language]), ...textsOf(doorMessages[language])]
  const server =
    language === 'en'
      ? `${textsOf(SAYINGS).join(' ')} every booked amount of the day with its sign costs are not known third minutes`
      : 'terceiro minutos'
  return new Set(
    wordsOf([...texts, ...data, ...sources.map(({ source }) => source), ...dates, NAMES, server].join(' ')),
  )
}

// Keys and SQL are the same in all languages; what is in another language says so.
const READ = `(() => {
  const texts = [document.title]
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.nodeType === 3 ? node.parentElement : node
    const lang = element.closest('[lang]').lang
    if (lang !== document.documentElement.lang) continue
    if (node.nodeType === 3) { if (!element.closest('script, style, pre, kbd')) texts.push(node.data) }
    else for (const name of ['aria-label', 'title', 'placeholder', 'alt']) texts.push(element.getAttribute(name) ?? '')
  }
  return texts
})()`

/** Words on the page that nobody has translated. */
async function strangers(page: Page, known: Set<string>): Promise<string[]> {
  const texts = await page.evaluate<string[]>(READ)
  return [...new Set(texts.flatMap(wordsOf))].filter((word) => !known.has(word))
}

it.each(LANGUAGES)('says nothing that is not in its catalogue: %s', async (lang) => {
  const known = knownWords(lang)
  const found: Record<string, string[]> = {}
  const page = await openWall(browser, mock, { size: SCREENS['1080p'], lang })
  expect(await page.locator('html').getAttribute('lang')).toBe(lang)
  for (const state of STATES) {
    await showState(page, mock, state)
    found[state] = await strangers(page, known)
  }
  await showState(page, mock, 'live')
  for (const name of Object.keys(DIALOGS) as (keyof typeof DIALOGS)[])
    await inDialog(page, name, async (view) => {
      found[view] = await strangers(page, known)
    })
  // The looking itself sees a word that is none of the catalogue.
  await page.evaluate(
    `document.querySelector('h2').insertAdjacentHTML('beforeend', '<i title="Umlaut">Grünkohl</i>')`,
  )
  expect(await strangers(page, known)).toEqual(['umlaut', 'grünkohl'])
  for (const door of DOORS) {
    await page.goto(`${mock.url}${door}?lang=${lang}`)
    await page.getByRole('heading').waitFor()
    found[door] = await strangers(page, known)
  }
  await page.close()
  expect(Object.entries(found).filter(([, words]) => words.length > 0)).toEqual([])

  expect(Object.keys(found)).toHaveLength(STATES.length + DIALOG_VIEWS + DOORS.length)
})

it('speaks as the browser prefers, lets one choose, and remembers it, with the connection kept', async () => {
  const context = await browser.newContext({ locale: 'pt-BR', viewport: SCREENS['1080p'] })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  mock.logIn(false)
  mock.show('live')
  await page.goto(mock.url)
  await page.getByText('Receita de hoje, GBP').waitFor()
  const before = await readWall(page)
  expect(before).toMatchObject({ figure: '39.426,18', revenue: '39426.1800', status: 'ao vivo' })

  await markPage(page, 'same page')
  await page.keyboard.press('?')
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByText('Revenue today, GBP').waitFor()
  // Whoever chose by key goes on by key from there.
  expect(await page.evaluate('document.activeElement.textContent')).toBe('English')
  expect(await page.locator('html').getAttribute('lang')).toBe('en')
  const after = await readWall(page)
  expect(after).toMatchObject({ figure: '39,426.18', revenue: before.revenue, marker: 'same page' })
  expect(after).toMatchObject({ epoch: before.epoch, resyncs: 0, phase: 'live' })

  await page.goto(mock.url)
  await page.getByText('Revenue today, GBP').waitFor()
  await page.goto(`${mock.url}/login`)
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await context.close()
})
