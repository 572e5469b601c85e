/** Pictures of the wall in its states, on 1080p, 4K and a phone. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import type { Mock } from '../../ui/mock/start-mock.ts'
import { palettePng } from './palette-png.ts'
import { SCREENS } from './take-screenshots.ts'
import { openWall, type State, showState } from './wall-states.ts'

export const SHOWN = [
  'live',
  'history',
  'empty',
  'first-run',
  'stale',
  'offline',
  'resyncing',
] as const satisfies readonly State[]
/** Pixels of the picture for each of the page: small enough to be kept. */
const SCALES = { '1080p': 1 / 2, phone: 1, '4k': 1 / 3 } as const

export interface Shot {
  name: string
  path: string
  /** Pixels that the page is wider than the screen, and on a TV higher; 0 is right. */
  overflow: number
}

export async function takeShots(browser: Browser, mock: Mock, folder: string): Promise<Shot[]> {
  mkdirSync(folder, { recursive: true })
  const shots: Shot[] = []
  for (const screen of Object.keys(SCALES) as (keyof typeof SCALES)[]) {
    const look = { size: SCREENS[screen], lang: 'en', scale: SCALES[screen] }
    const page = await openWall(browser, mock, look)
    for (const state of SHOWN) {
      await showState(page, mock, state)
      const name = `${state}-${screen}`
      const path = join(folder, `${name}.png`)
      writeFileSync(path, palettePng(await page.screenshot({ fullPage: screen === 'phone' })))
      shots.push({ name, path, overflow: await overflowOf(page, screen !== 'phone') })
    }
    await page.close()
  }
  return shots
}

function overflowOf(page: Page, isTv: boolean): Promise<number> {
  return page.evaluate<number>(`(() => {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement
    return Math.max(scrollWidth - clientWidth, ${isTv} ? scrollHeight - clientHeight : 0)
  })()`)
}
