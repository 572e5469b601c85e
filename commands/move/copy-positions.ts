/** How far each group has read: at Kafka by its own means, for what is stored by positions and for tools that tell the lag. */
import type { Runs } from '../../clickhouse/runs/read-runs.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { groupOf } from '../../processors/orders/partition-loop.ts'
import { readPositions } from '../back-up/positions.ts'

export async function copyPositions(from: EventLog, to: EventLog, { open }: Runs): Promise<void> {
  const positions = await readPositions(from, open)
  for (const { run } of open)
    for (let partition = 0; partition < from.partitions('orders'); partition++) {
      const next = await from.committed(groupOf(run), 'orders', partition)
      if (next !== undefined) positions.push({ group: groupOf(run), topic: 'orders', partition, next })
    }
  for (const { group, topic, partition, next } of positions) await to.commit(group, topic, partition, next)
}
