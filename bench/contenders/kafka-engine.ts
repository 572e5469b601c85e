/** ClickHouse's own Kafka engine: a queue, and a view that puts each event as a row with sign 1 into the same table. */
import type { Warehouse } from '../../clickhouse/warehouse.ts'

export interface EnginePlan {
  broker: string
  topic: string
  group: string
  database: string
  /** Rows of a block, at the most. */
  batch: number
}

const QUEUE = 'kafka_queue'

export async function attachKafkaEngine(warehouse: Warehouse, plan: EnginePlan): Promise<void> {
  const { database, broker, topic, group, batch } = plan
  await warehouse.command(`CREATE TABLE ${database}.${QUEUE} (
      tenant String, source String, orderId String, version UInt64, status String, placedAt String,
      customerId String, currency String, country String, region String, channel String, shipping Decimal(38, 4),
      lines Array(Tuple(sku String, name String, category String, quantity Decimal(38, 4), unitPrice Decimal(38, 4), unitCost Decimal(38, 4)))
    ) ENGINE = Kafka SETTINGS kafka_broker_list = '${broker}', kafka_topic_list = '${topic}', kafka_group_name = '${group}',
      kafka_format = 'JSONEachRow', kafka_num_consumers = 2, kafka_thread_per_consumer = 1,
      kafka_max_block_size = ${batch}, kafka_poll_max_batch_size = ${batch}, kafka_flush_interval_ms = 1000, input_format_skip_unknown_fields = 1`)
  await warehouse.command(`CREATE MATERIALIZED VIEW ${database}.${QUEUE}_mv TO ${database}.order_changes AS
    WITH parseDateTime64BestEffort(placedAt, 3, 'UTC') AS at,
      arrayMap(line -> toDecimal128(line.quantity * line.unitPrice, 4), lines) AS amounts,
      CAST(arraySum(amounts) + shipping AS Decimal(38, 4)) AS total
    SELECT tenant, source, orderId AS order_id, 1 AS revision, 1 AS sign, at AS taken_at, 'sale' AS kind, version, status,
      1 AS counts, at AS placed_at, toDate(at) AS sale_day, toHour(at) AS sale_hour, customerId AS customer, currency,
      region, country, channel, shipping, total AS gross, total AS net,
      lines.sku AS line_sku, lines.name AS line_name, lines.category AS line_category, lines.quantity AS line_quantity,
      lines.unitPrice AS line_unit_price, lines.unitCost AS line_unit_cost, amounts AS line_amount,
      [at] AS booked_at, [toDate(at)] AS booked_day, [toHour(at)] AS booked_hour, ['sale'] AS booked_kind,
      [''] AS booked_reference, [currency] AS booked_currency, [total] AS booked_amount, [1] AS booked_orders,
      [toDecimal128(length(lines), 4)] AS booked_units
    FROM ${database}.${QUEUE}`)
}
