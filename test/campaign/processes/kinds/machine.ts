/** What a machine and its keepers do: the disk full, the clock turned, a second writer. */

import { join } from 'node:path'
import { openEmbeddedLog } from '../../../../core/log/embedded/open-embedded-log.ts'
import { openKafkaLog } from '../../../../core/log/kafka/open-kafka-log.ts'
import { readServerStart } from '../../../../processors/reconciler/server-lives.ts'
import { startWriters } from '../../../faults/writers.ts'
import { NORTH } from '../../../oracle/shops.ts'
import type { ProcessFault } from '../process-fault.ts'
import { DATABASE, PARTITIONS, type ProcessWorld } from '../process-world.ts'

const TURNED_MS = [-2_000, -61_000, -3_600_000, -26 * 3_600_000] as const

export const MACHINE_FAULTS: readonly ProcessFault[] = [
  {
    name: 'the disk is full',
    fits: ({ disk }) => disk !== undefined,
    endsRoles: true,
    strike: async ({ disk }) => {
      disk!.fill()
      return () => disk!.free()
    },
  },
  {
    name: 'the clock is set back',
    fits: () => true,
    strike: async ({ turnClock }, random) => {
      turnClock(random.pick(TURNED_MS))
      return () => turnClock(0)
    },
  },
  {
    name: 'two processors fight for every partition',
    fits: () => true,
    strike: async (world) => {
      const writers = await startRivals(world)
      return () => writers.stop()
    },
  },
]

/** They ask no group: each of them takes all partitions for its own, beside whoever has them. */
async function startRivals({ house, kafka }: ProcessWorld) {
  const { log } = house
  const warehouse = house.warehouse()
  const context = {
    ...{ run: 'r1', topic: 'orders', incarnation: log.incarnation, code: 'rival' },
    serverStart: await readServerStart(warehouse),
    tenants: new Map([[NORTH.id, NORTH]]),
  }
  const openLog = async () => {
    if (kafka === undefined) return openEmbeddedLog({ folder: join(house.folder, 'log') })
    const own = await openKafkaLog({
      brokers: [kafka.road.url.replace('http://', '')],
      ssl: false,
      sasl: undefined,
    })
    await own.ensureTopic('orders', { partitions: PARTITIONS, retentionMs: Number.POSITIVE_INFINITY })
    return own
  }
  const place = { openLog, database: DATABASE, context: () => context, host: { warehouse } }
  return startWriters(place, { partitions: Array.from({ length: PARTITIONS }, (_, i) => i) })
}
