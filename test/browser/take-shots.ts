/** Pictures of the wall in its states, on 1080p, 4K and a phone. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import type { Mock } from '../../ui/mock/start-mock.ts'
import { SCREENS } from './take-screenshots.ts'
import { openWall, type State, showState } from './wall-states.ts'

export const SHOWN = ['live', 'history', 'empty', 'stale', 'offline', 'resyncing'] as const satisfies State[]
/** As large as they are kept; a phone's is as long as its page. */
const KEPT = {
  '1080p': { width: 960, height: 540 },
  '4k': { width: 1_280, height: 720 },
  phone: { width: 390, height: 844 },
} as const

type Size = { width: number; height: number }

export interface Shot {
  name: string
  path: string
  /** Pixels that the page is wider than the screen, and on a TV higher; 0 is right. */
  overflow: number
}

export async function takeShots(browser: Browser, mock: Mock, folder: string): Promise<Shot[]> {
  mkdirSync(folder, { recursive: true })
  const shots: Shot[] = []
  for (const screen of Object.keys(KEPT) as (keyof typeof KEPT)[]) {
    const page = await openWall(browser, mock, { size: SCREENS[screen], lang: 'en' })
    // At 4K it is the same picture at twice the size; one of it is enough.
    for (const state of screen === '4k' ? SHOWN.slice(0, 1) : SHOWN) {
      await showState(page, mock, state)
      const name = `${state}-${screen}`
      const path = join(folder, `${name}.png`)
      const picture = await page.screenshot({ fullPage: screen === 'phone' })
      writeFileSync(path, await shrink(browser, picture, KEPT[screen]))
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

/** The browser is here anyway; nothing else in the house can scale a picture. */
async function shrink(browser: Browser, picture: Buffer, size: Size): Promise<Buffer> {
  const scaled = await browser.newPage({ viewport: size })
  await scaled.setContent(
    `<style>body{margin:0}img{display:block;width:100vw}</style><img src="data:image/png;base64,${picture.toString('base64')}">`,
  )
  const small = await scaled.screenshot({ fullPage: true })
  await scaled.close()
  return small
}
