/** Keeps what the page showed on the way: a state that lasts for half a second is missed by asking now and then. */
import type { Page } from 'playwright-core'
import { z } from 'zod'

const moment = z.object({
  /** Since the watching began. */
  ms: z.number(),
  phase: z.string(),
  fault: z.string().nullable(),
  revenue: z.string().nullable(),
  loaded: z.coerce.number().nullable(),
})
export type Moment = z.infer<typeof moment>

const WATCH = `(() => {
  window.__watcher?.disconnect()
  const began = performance.now()
  const part = (name) => document.querySelector('[data-testid="' + name + '"]')
  const look = () => {
    const moment = {
      phase: part('wall').dataset.phase,
      fault: part('fault')?.textContent.trim() ?? null,
      revenue: part('revenue')?.dataset.value ?? null,
      loaded: part('history')?.getAttribute('aria-valuenow') ?? null,
    }
    const text = JSON.stringify(moment)
    if (text === window.__lastMoment) return
    window.__lastMoment = text
    window.__moments.push({ ms: performance.now() - began, ...moment })
  }
  window.__moments = []
  window.__lastMoment = ''
  window.__watcher = new MutationObserver(look)
  window.__watcher.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
  look()
})()`

export async function watchWall(page: Page): Promise<void> {
  await page.evaluate(WATCH)
}

/** In their order, each that differs from the one before. */
export async function momentsOf(page: Page): Promise<Moment[]> {
  return z.array(moment).parse(await page.evaluate('window.__moments'))
}

/** Their phases or faults in order, without repetition. */
export function pathOf(moments: readonly Moment[], field: 'phase' | 'fault'): string[] {
  const values = moments.map((each) => each[field] ?? '—')
  return values.filter((value, i) => value !== values[i - 1])
}
