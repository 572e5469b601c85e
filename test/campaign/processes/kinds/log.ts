/** Kafka's broker killed and stopped, the way to it cut or slow. The embedded log has no process: whoever uses it is hit. */
import { setTimeout as delay } from 'node:timers/promises'
import { isRunning } from '../../../cli/process-tree.ts'
import type { ProcessFault } from '../process-fault.ts'
import { NOTHING_LASTS } from '../process-fault.ts'
import type { ProcessWorld } from '../process-world.ts'

const CUTS = 5
const CUT_EVERY_MS = 400
const SLOW_MS = [50, 300] as const
/** A producer that is not idempotent has then sent its records twice. */
const STOPPED_MS = 20_000
const onKafka = ({ layout }: ProcessWorld) => layout.log === 'kafka'

export const LOG_FAULTS: readonly ProcessFault[] = [
  {
    name: 'the broker is killed',
    fits: onKafka,
    strike: async ({ kafka }) => {
      await kafka!.broker.kill()
      return () => kafka!.broker.restart()
    },
  },
  {
    name: 'the broker is stopped, and wakes',
    fits: onKafka,
    minHoldMs: STOPPED_MS,
    strike: async ({ kafka }) => {
      const { pid } = kafka!.broker
      if (isRunning(pid)) process.kill(pid, 'SIGSTOP')
      return () => void (isRunning(pid) && process.kill(pid, 'SIGCONT'))
    },
  },
  {
    name: 'the connections to the broker are cut',
    fits: onKafka,
    strike: async ({ kafka }) => {
      for (let cut = 0; cut < CUTS; cut++) {
        kafka!.road.cutAll()
        await delay(CUT_EVERY_MS)
      }
      return NOTHING_LASTS
    },
  },
  {
    name: 'the connections to the broker are slow',
    fits: onKafka,
    strike: async ({ kafka }, random) => {
      kafka!.road.slow(random.pick(SLOW_MS))
      return () => kafka!.road.slow(0)
    },
  },
]
