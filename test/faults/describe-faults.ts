/** A list of faults as tests on one engine: each prints its line and must leave no difference. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EngineHost, startEngineHost } from './engine-host.ts'
import { type Fault, reportLine, tryFault } from './fault.ts'
import { openWorld, type World } from './world.ts'

/** One seed for the test run, so that it is the same every time; the campaign takes many. */
const SEED = 20_111_209
const TIMEOUT_MS = 120_000

export function describeFaults(title: string, faults: readonly Fault[]): void {
  describe(`faults of ${title}`, () => {
    let host: EngineHost
    let world: World | undefined
    beforeAll(async () => {
      host = await startEngineHost()
    })
    afterAll(async () => {
      await world?.close()
      await host.stop()
    })

    it.each(faults.map((fault) => ({ fault, name: fault.name })))(
      '$name',
      async ({ fault }) => {
        // One world for all, so that each fault also hits what the ones before have left; after a failure a fresh one.
        const used = world ?? (await openWorld(host))
        world = undefined
        const report = await tryFault(fault, used, SEED)
        process.stdout.write(`${reportLine(report)}\n`)
        expect(report.differences).toEqual([])
        await host.settle()
        world = used
      },
      TIMEOUT_MS,
    )
  })
}
