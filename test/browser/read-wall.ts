/** What the page shows, read in one go by its hooks (ui/README.md), so that all of it is of one moment. */
import type { Page } from 'playwright-core'
import { z } from 'zod'

const wallNow = z.object({
  phase: z.enum(['connecting', 'live', 'resyncing', 'offline']),
  epoch: z.string(),
  seq: z.coerce.number(),
  resyncs: z.coerce.number(),
  malformed: z.coerce.number(),
  mismatches: z.coerce.number(),
  /** Local day that is shown; null before anything is. */
  day: z.string().nullable(),
  revenue: z.string().nullable(),
  orders: z.string().nullable(),
  refunds: z.string().nullable(),
  units: z.string().nullable(),
  /** The revenue as it is shown, in words for a screen reader. */
  figure: z.string(),
  status: z.string(),
  fault: z.string().nullable(),
  completeTo: z.string().nullable(),
  /** Event time of the newest frame, ISO. */
  eventTime: z.string().nullable(),
  /** Percent of the history that is loaded; null when none loads. */
  loaded: z.coerce.number().nullable(),
  exactness: z.string().nullable(),
  drift: z.string().nullable(),
  /** Set by a test, gone after a reload. */
  marker: z.string().nullable(),
})
export type WallNow = z.infer<typeof wallNow>

// Text and not a function: these tests are compiled for node, which knows no `document`.
const READ = `(() => {
  const part = (name) => document.querySelector('[data-testid="' + name + '"]')
  const tile = (name) => document.querySelector('[data-tile="' + name + '"]')
  const text = (name) => part(name)?.textContent.trim() ?? null
  const { phase, epoch, seq, resyncs, malformed, mismatches } = part('wall').dataset
  return {
    phase, epoch, seq, resyncs, malformed, mismatches,
    day: tile('hero').dataset.day ?? null,
    revenue: part('revenue').dataset.value ?? null,
    orders: tile('orders').dataset.value ?? null,
    refunds: tile('refunds').dataset.value ?? null,
    units: tile('units').dataset.value ?? null,
    figure: part('revenue').querySelector('.sr-only').textContent.trim(),
    status: text('status') ?? '',
    fault: text('fault'),
    completeTo: text('complete-to'),
    eventTime: part('clock')?.getAttribute('datetime') ?? null,
    loaded: part('history')?.getAttribute('aria-valuenow') ?? null,
    exactness: text('exactness'),
    drift: part('exactness')?.dataset.value ?? null,
    marker: window.__marker ?? null,
  }
})()`

export async function readWall(page: Page): Promise<WallNow> {
  return wallNow.parse(await page.evaluate(READ))
}

/** A reload would lose it. */
export async function markPage(page: Page, marker: string): Promise<void> {
  await page.evaluate(`window.__marker = ${JSON.stringify(marker)}`)
}
