import type { Browser } from 'playwright-core'

/** From the request for the page on. */
export interface FirstPaint {
  /** The first words or lines that are seen. */
  paintMs: number
  /** The day's revenue is on the page. */
  numberMs: number
}

const SCREEN = { width: 1920, height: 1080 }

// Text and not functions: what imports this is compiled for node, which knows no `document`.
const PAINT = `new Promise((done) => {
  const look = (list) => {
    const paint = list.getEntries().find(({ name }) => name === 'first-contentful-paint')
    if (paint) done(paint.startTime)
  }
  new PerformanceObserver(look).observe({ type: 'paint', buffered: true })
})`
const NUMBER = `new Promise((done) => {
  const look = () => document.querySelector('[data-tile=hero][data-value]') ? done(performance.now()) : requestAnimationFrame(look)
  look()
})`

/** As whoever opens the wall for the first time: nothing of it is in the browser's cache. */
export async function firstPaint(browser: Browser, url: string): Promise<FirstPaint> {
  const context = await browser.newContext({ viewport: SCREEN })
  try {
    const page = await context.newPage()
    await page.goto(url, { waitUntil: 'commit' })
    const [paintMs, numberMs] = await Promise.all([
      page.evaluate<number>(PAINT),
      page.evaluate<number>(NUMBER),
    ])
    return { paintMs, numberMs }
  } finally {
    await context.close()
  }
}
