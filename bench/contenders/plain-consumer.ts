/**
 * A plain kafkajs consumer as a process of its own, that inserts JSONEachRow and then commits its offsets: at least once,
 * as most teams would have it. Its only argument is a ConsumerPlan as JSON; it runs until it is killed.
 */
import { Kafka, logLevel } from 'kafkajs'
import { connectWarehouse, type WarehouseLogin } from '../../clickhouse/connect-warehouse.ts'
import { ORDER_CHANGES_COLUMNS } from '../../clickhouse/native/order-row.ts'
import { rowOf } from './rival-row.ts'

export interface ConsumerPlan {
  broker: string
  topic: string
  group: string
  login: WarehouseLogin
  database: string
  /** Rows of an insert, at the most. */
  batch: number
  /** After which the group takes a dead member's partitions away. */
  sessionMs: number
}

const plan = JSON.parse(process.argv[2] ?? '') as ConsumerPlan
/** Of a record of the bench, with some to spare. */
const RECORD_BYTES = 1_000
const columns = ORDER_CHANGES_COLUMNS.map(({ name }) => name).join(', ')
const warehouse = connectWarehouse(plan.login)
const consumer = new Kafka({
  clientId: 'plain-consumer',
  brokers: [plan.broker],
  logLevel: logLevel.NOTHING,
}).consumer({
  groupId: plan.group,
  sessionTimeout: plan.sessionMs,
  heartbeatInterval: plan.sessionMs / 6,
  maxBytesPerPartition: plan.batch * RECORD_BYTES,
  maxBytes: plan.batch * RECORD_BYTES,
})
await consumer.connect()
await consumer.subscribe({ topic: plan.topic, fromBeginning: true })
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: false,
  eachBatch: async ({ batch: { topic, partition, messages }, resolveOffset, heartbeat }) => {
    for (let at = 0; at < messages.length; at += plan.batch) {
      const some = messages.slice(at, at + plan.batch)
      const lines = some.map(({ value }) => JSON.stringify(rowOf(JSON.parse(String(value)))))
      const last = some.at(-1)!.offset
      await warehouse.insert(
        `INSERT INTO ${plan.database}.order_changes (${columns}) FORMAT JSONEachRow`,
        Buffer.from(lines.join('\n')),
        {
          queryId: `plain-${partition}-${last}-${process.pid}`,
          settings: { async_insert: 0, max_insert_block_size: 4_000_000, input_format_parallel_parsing: 0 },
        },
      )
      resolveOffset(last)
      await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(last) + 1n) }])
      await heartbeat()
    }
  },
})
