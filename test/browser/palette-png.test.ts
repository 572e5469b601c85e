import { deflateSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { openBrowser } from './open-browser.ts'
import { decode, palettePng } from './palette-png.ts'

/** Of 200 colours, each of several sizes; and of more than a palette holds, which are near each other. */
const FEW = Array.from(
  { length: 200 },
  (_, n) => `<i style="background:rgb(${n},${255 - n},${(n * 8) % 256})"></i>`,
)
const PAGE = `<style>body{margin:0}i{display:inline-block;width:8px;height:8px}
  #many{width:320px;height:60px;background:linear-gradient(90deg,#0a0d12,#5ccfff)}</style>${FEW.join('')}<div id=many></div>`

it('keeps every pixel within what an eye tells apart, in less than half the bytes', async () => {
  const browser = await openBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 320, height: 200 } })
    await page.setContent(PAGE)
    const before = await page.screenshot()
    const after = palettePng(before)
    // As a browser reads it, and draws it again.
    await page.setContent(
      `<style>body{margin:0}img{display:block}</style><img src="data:image/png;base64,${after.toString('base64')}">`,
    )
    await page.waitForFunction('document.images[0].complete')
    const [was, is] = [decode(before).rgb, decode(await page.screenshot()).rgb]
    expect(is.length).toBe(was.length)
    const apart = was.map((value, at) => Math.abs(value - is[at]!))
    expect(Math.max(...apart.slice(0, 1_000))).toBeLessThanOrEqual(8)
    expect(apart.reduce((most, value) => Math.max(most, value), 0)).toBeLessThanOrEqual(16)
    expect(after.length).toBeLessThan(before.length)
  } finally {
    await browser.close()
  }
})

it('takes nothing that it does not know', () => {
  const interlaced = Buffer.alloc(64)
  interlaced.set([8, 2, 0, 0, 1], 24)
  expect(() => palettePng(Buffer.concat([interlaced, deflateSync('')]))).toThrow('not a PNG as Chromium')
})
