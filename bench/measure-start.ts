import type { Measurement } from './measurement.ts'
import { type Running, withFolder, withRevwall } from './run-revwall.ts'

/** Asking more often would slow down what is measured. */
const POLL_MS = 50

/** From the start in an empty folder until the api's figures of the first day are no longer zero. */
export async function measureStart(): Promise<Measurement[]> {
  const value = await withFolder((folder) => withRevwall(['up'], folder, firstNumber))
  return [{ name: 'start.first_number_s', value, unit: 's', aim: 5, lowerIsBetter: true }]
}

async function firstNumber({ url, startedAt }: Running): Promise<number> {
  for (;;) {
    const reply = await fetch(`${url}/api/v1/headline?from=2010-12-01`)
    const body = (await reply.json()) as { figures?: { revenue?: string } }
    if (Number(body.figures?.revenue ?? 0) !== 0) return (performance.now() - startedAt) / 1_000
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
