import type { Measurement } from './measurement.ts'
import { withRevwall } from './run-revwall.ts'

const POLL_MS = 20

/** From the start in an empty folder until the api's totals are no longer zero. */
export async function measureStart(): Promise<Measurement[]> {
  const value = await withRevwall([], async ({ url, startedAt }) => {
    for (;;) {
      const reply = await fetch(`${url}/api/v1/totals?from=2010-12-01&to=2011-11-30`)
      const body = (await reply.json()) as { total?: { revenue?: string } }
      if (Number(body.total?.revenue ?? 0) !== 0) return (performance.now() - startedAt) / 1_000
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  })
  return [{ name: 'start.first_number_s', value, unit: 's', aim: 5, lowerIsBetter: true }]
}
