/** A list of faults as tests on one engine: each prints its line and must leave no difference. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestBroker, type TestBroker } from '../../core/log/kafka/testing/test-broker.ts'
import { IS_TEST_LOG_ON_KAFKA } from '../../core/log/testing/open-test-log.ts'
import { type EngineHost, startEngineHost } from './engine-host.ts'
import { type Fault, reportLine, tryFault } from './fault.ts'
import { openWorld, type World } from './world.ts'

/** One seed for the test run, so that it is the same every time; the campaign takes many. */
const SEED = 20_111_209

/** `broker`: on the log of one that is started for it; by default where REVWALL_TEST_LOG says so. */
export function describeFaults(
  title: string,
  faults: readonly Fault[],
  {
    broker = IS_TEST_LOG_ON_KAFKA ? startTestBroker : undefined,
  }: { broker?: () => Promise<TestBroker> } = {},
): void {
  describe(`faults of ${title}`, () => {
    let host: EngineHost
    let kafka: TestBroker | undefined
    let world: World | undefined
    beforeAll(async () => {
      ;[host, kafka] = await Promise.all([startEngineHost(), broker?.()])
    })
    afterAll(async () => {
      await world?.close()
      await Promise.all([host.stop(), kafka?.stop()])
    })

    it.each(faults.map((fault) => ({ fault, name: fault.name })))('$name', async ({ fault }) => {
      // One world for all, so that each fault also hits what the ones before have left; after a failure a fresh one.
      const used = world ?? (await openWorld(host, kafka?.address))
      world = undefined
      const report = await tryFault(fault, used, SEED)
      // At once, for a run that is broken off tells nothing else.
      process.stdout.write(`${[reportLine(report), ...report.differences].join('\n  ')}\n`)
      expect(report.differences).toEqual([])
      await host.settle()
      world = used
    })
  })
}
