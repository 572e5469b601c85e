import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

export const SCREENS = {
  '1080p': { width: 1920, height: 1080 },
  '4k': { width: 3840, height: 2160 },
  phone: { width: 390, height: 844 },
} as const

const FOLDER = fileURLToPath(new URL('./screenshots', import.meta.url))
/** Longer than any movement of the page. */
const SETTLE_MS = 500

export interface Screen {
  name: string
  path: string
  /** Pixels that the page is wider than the screen; 0 is right. */
  overflow: number
}

/** One picture for each size; a phone's is as long as the page. */
export async function takeScreenshots(page: Page): Promise<Screen[]> {
  mkdirSync(FOLDER, { recursive: true })
  const screens: Screen[] = []
  for (const [name, size] of Object.entries(SCREENS)) {
    await page.setViewportSize(size)
    await page.waitForTimeout(SETTLE_MS)
    const path = join(FOLDER, `wall-${name}.png`)
    await page.screenshot({ path, fullPage: name === 'phone' })
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    screens.push({ name, path, overflow })
  }
  return screens
}
