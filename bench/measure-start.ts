import { existsSync } from 'node:fs'
import { type FirstPaint, firstPaint } from '../test/browser/first-paint.ts'
import { CHROMIUM, openBrowser } from '../test/browser/open-browser.ts'
import type { Measurement } from './measurement.ts'
import { quantile } from './quantile.ts'
import { type Running, withFolder, withRevwall } from './run-revwall.ts'

/** Asking more often would slow down what is measured. */
const POLL_MS = 50
const VISITS = 9

/**
 * From the start in an empty folder until the api's figures of the first day are no longer zero; and, once the history is
 * loaded, from the request for the page to what is seen of it, with nothing in the browser's cache.
 */
export async function measureStart(): Promise<Measurement[]> {
  return withFolder((folder) =>
    withRevwall(['up'], folder, async (running) => {
      const value = await firstNumber(running)
      const first: Measurement = {
        ...{ name: 'start.first_number_s', value, unit: 's', aim: 5, lowerIsBetter: true },
      }
      return [first, ...(await measurePaint(running))]
    }),
  )
}

async function measurePaint({ url }: Running): Promise<Measurement[]> {
  if (!existsSync(CHROMIUM)) {
    console.log(`start.first_paint_ms is not measured: ${CHROMIUM} is not there`)
    return []
  }
  while ((await ask<{ mode?: string }>(url, '/api/v1/tenant')).mode !== 'replay') await pause()
  const browser = await openBrowser()
  try {
    const paints: FirstPaint[] = []
    while (paints.length < VISITS) paints.push(await firstPaint(browser, url))
    const middle = (of: keyof FirstPaint) =>
      quantile(
        paints.map((one) => one[of]).sort((a, b) => a - b),
        0.5,
      )
    const head = { unit: 'ms', lowerIsBetter: true } as const
    return [
      { ...head, name: 'start.first_paint_ms', value: middle('paintMs'), aim: 1_000 },
      { ...head, name: 'start.page_number_ms', value: middle('numberMs'), aim: null },
    ]
  } finally {
    await browser.close()
  }
}

async function firstNumber({ url, startedAt }: Running): Promise<number> {
  for (;;) {
    const path = '/api/v1/headline?from=2010-12-01'
    const { figures } = await ask<{ figures?: { revenue?: string } }>(url, path)
    if (Number(figures?.revenue ?? 0) !== 0) return (performance.now() - startedAt) / 1_000
    await pause()
  }
}

async function ask<Answer>(url: string, path: string): Promise<Answer> {
  const reply = await fetch(url + path)
  return (await reply.json()) as Answer
}

const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MS))
