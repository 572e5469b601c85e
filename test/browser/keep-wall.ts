/**
 * Draws README's picture anew: the real program on the shipped year, on 17 November 2011 in the afternoon.
 *   npm run build && node --import tsx test/browser/keep-wall.ts
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, startRevwall } from '../cli/revwall-process.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { openBrowser } from './open-browser.ts'
import { palettePng } from './palette-png.ts'
import { SCREENS } from './take-screenshots.ts'

const WANTED = '2011-11-17T14:30:00Z'
/** To get there; then as anybody sees it. */
const FAST = '3000'
const PATIENCE_MS = 900_000
/** Until the day's forecast stands, all is proved, and nothing is being caught up. */
const REST_MS = 30_000

const folder = temporaryFolder('keep-wall')
const up = async (args: string[]) => {
  const running = startRevwall({ args: ['up', ...args], folder: folder.path })
  return { running, url: await running.ready() }
}
try {
  const fast = await up(['--speed', FAST])
  await waitUntil(WANTED, PATIENCE_MS, async () => {
    const answer = await fetch(`${fast.url}/api/v1/tenant`)
    const { now, mode } = (await answer.json()) as { now?: string; mode?: string }
    return mode === 'replay' && (now ?? '') >= WANTED
  })
  await fast.running.end('SIGTERM')
  const usual = await up([])
  const browser = await openBrowser()
  const page = await browser.newPage({ viewport: SCREENS['1080p'], locale: 'en-GB' })
  await page.goto(usual.url)
  await page.locator('[data-tile=hero][data-value]').waitFor()
  await page.waitForTimeout(REST_MS)
  const path = join(ROOT, 'test/browser/wall.png')
  writeFileSync(path, palettePng(await page.screenshot()))
  console.log(path)
  await browser.close()
  await usual.running.end('SIGTERM')
} finally {
  folder.remove()
}
