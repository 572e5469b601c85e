/** Every state and every dialog of the page, on the mock (ui/mock), for what has to hold in all of them. */
import type { Browser, Page } from 'playwright-core'
import type { Mock } from '../../ui/mock/start-mock.ts'
import { waitUntil } from '../cli/wait-until.ts'

/** Scenes of ui/mock/scenes.ts; `offline` is the mock's own. */
export const STATES = [
  'live',
  'history',
  'empty',
  'first-run',
  'stale',
  'offline',
  'resyncing',
  'halted',
  'drift',
  'big',
] as const
export type State = (typeof STATES)[number]
/** By the key that opens each. */
export const DIALOGS = {
  keys: '?',
  proof: 'p',
  segments: 'c',
  customers: 'k',
  outlook: 'o',
  anomalies: 'a',
  why: 'w',
  explore: 'd',
  search: '/',
  replay: 'r',
  walls: 'l',
  notes: 'n',
  deliveries: 'e',
  access: 's',
} as const
export const DOORS = ['/login', '/tv', '/share'] as const

/** For a machine that has other work. */
export const PATIENCE_MS = 60_000

export interface Look {
  size: { width: number; height: number }
  lang: string
  /** Pixels of a picture for each of the page; 1 where it does not say. */
  scale?: number
}

/** With a user who may do everything, so that every dialog opens. */
export async function openWall(
  browser: Browser,
  mock: Mock,
  { size, lang, scale = 1 }: Look,
  more = '',
): Promise<Page> {
  mock.logIn(true)
  const page = await browser.newPage({ viewport: size, deviceScaleFactor: scale, reducedMotion: 'reduce' })
  page.setDefaultTimeout(PATIENCE_MS)
  await page.goto(`${mock.url}/?lang=${lang}${more}`)
  await page.locator('[data-testid=account], .tv').waitFor()
  await showState(page, mock, 'live')
  return page
}

const PHASES: Partial<Record<State, string>> = { offline: 'offline', resyncing: 'resyncing' }

export async function showState(page: Page, mock: Mock, state: State): Promise<void> {
  mock.show(state)
  const wall = page.getByTestId('wall')
  const wanted = PHASES[state] ?? 'live'
  await waitUntil(
    `the state ${state}`,
    PATIENCE_MS,
    async () => (await wall.getAttribute('data-phase')) === wanted,
  )
  // What the scene brought is drawn by the next frame of the screen.
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
}

const proofBehind = (dialog: string) => ({
  name: `${dialog}-proof`,
  button: '[data-testid=panel-proof] summary >> nth=0',
  ready: '[data-claim]',
})
/** What of a dialog is behind a button of it; looked at by a name of its own. */
export const BEHIND: Partial<
  Record<keyof typeof DIALOGS, readonly { name: string; button: string; ready: string }[]>
> = {
  proof: [proofBehind('pace')],
  outlook: [proofBehind('outlook')],
  anomalies: [proofBehind('incidents')],
  segments: [
    proofBehind('segments'),
    { name: 'segment-days', button: '[data-tab=days]', ready: '[data-testid=segment-ends] td:last-child' },
    { name: 'segment-moves', button: '[data-tab=moves]', ready: '[data-testid=last-moves] li' },
  ],
  customers: [{ name: 'retention', button: '[data-tab=retention]', ready: '[data-testid=retention] td' }],
}

/** How often `inDialog` has each of them looked at, all in all. */
export const DIALOG_VIEWS = Object.keys(DIALOGS).length + Object.values(BEHIND).flat().length

/** Opens one, lets `look` see it and what is behind its buttons, and closes it again. */
export async function inDialog(
  page: Page,
  name: keyof typeof DIALOGS,
  look: (view: string) => Promise<void>,
): Promise<void> {
  await page.keyboard.press(DIALOGS[name])
  const dialog = page.getByTestId(name)
  await dialog.locator(READY[name]).first().waitFor()
  await look(name)
  for (const behind of BEHIND[name] ?? []) {
    await dialog.locator(behind.button).click()
    await dialog.locator(behind.ready).first().waitFor()
    await look(behind.name)
  }
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  // The step back through the history comes after; it would break off a `goto`.
  await page.waitForFunction('!history.state?.openedHere')
}

/** What is there once the api has answered. */
const READY = {
  keys: 'ul',
  proof: 'section[data-verdict]',
  segments: 'tbody tr',
  customers: 'tbody tr[data-customer]',
  outlook: 'tbody tr',
  anomalies: '[data-testid=incidents]:has(li) ~ ol li',
  why: '.groups li',
  explore: 'tbody tr',
  search: 'input',
  replay: 'li',
  walls: '[data-playlist]',
  notes: '[data-testid=annotations] b',
  deliveries: 'ol li',
  access: '[data-testid=shares] b',
} as const
