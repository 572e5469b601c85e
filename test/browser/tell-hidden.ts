import type { Page } from 'playwright-core'

/** A headless window is never really hidden; the page is told so in the way that a browser tells it. */
export async function tellHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(`(() => {
    const say = (name, value) => Object.defineProperty(document, name, { configurable: true, get: () => value })
    say('hidden', ${hidden})
    say('visibilityState', '${hidden ? 'hidden' : 'visible'}')
    document.dispatchEvent(new Event('visibilitychange'))
  })()`)
}
