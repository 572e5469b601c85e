/**
 * The icons of the installed page, from its one drawing. By hand, when the drawing changes:
 *   node --import tsx test/browser/draw-icons.ts
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../cli/revwall-process.ts'
import { openBrowser } from './open-browser.ts'

const FOLDER = join(ROOT, 'ui/public/icons')
const BACKGROUND = '#11161e'

/** `safe`: how much of the square the drawing takes. A launcher cuts a maskable one to any shape within 80 % of it. */
const ICONS = [
  { file: 'icon-180.png', size: 180, safe: 1, ground: BACKGROUND },
  { file: 'icon-192.png', size: 192, safe: 1, ground: 'transparent' },
  { file: 'icon-512.png', size: 512, safe: 1, ground: 'transparent' },
  { file: 'icon-maskable-512.png', size: 512, safe: 0.76, ground: BACKGROUND },
]

const drawing = readFileSync(join(FOLDER, 'icon.svg'), 'utf8')
const browser = await openBrowser()
for (const { file, size, safe, ground } of ICONS) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  await page.setContent(
    `<style>body{margin:0;height:100vh;display:grid;place-items:center;background:${ground}}svg{width:${safe * 100}vw}</style>${drawing}`,
  )
  await page.screenshot({ path: join(FOLDER, file), omitBackground: true })
  await page.close()
}
await browser.close()
