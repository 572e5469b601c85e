/** A list of faults as tests on one engine: each prints its line and must leave no difference. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EngineHost, startEngineHost } from './engine-host.ts'
import { type Fault, reportLine, tryFault } from './fault.ts'

/** One seed for the test run, so that it is the same every time; the campaign takes many. */
const SEED = 20_111_209
const TIMEOUT_MS = 60_000

export function describeFaults(title: string, faults: readonly Fault[]): void {
  describe(`faults of ${title}`, () => {
    let host: EngineHost
    beforeAll(async () => {
      host = await startEngineHost()
    })
    afterAll(() => host.stop())

    it.each(faults.map((fault) => ({ fault, name: fault.name })))(
      '$name',
      async ({ fault }) => {
        const report = await tryFault(fault, host, SEED)
        process.stdout.write(`${reportLine(report)}\n`)
        expect(report.differences).toEqual([])
      },
      TIMEOUT_MS,
    )
  })
}
