/** Every topic of the log: key, partition rule, retention and what it carries. */
export interface Topic {
  name: TopicName
  /** What the key is made of; records of one key keep their order. */
  key: string
  /** `by-key`: FNV-1a of the key; `single`: one partition; `broadcast` records go to every partition as well. */
  partitionRule: 'by-key' | 'by-key-and-broadcast' | 'single'
  partitions: number
  retentionMs: number
  /** The file in core/contracts that has its schema. */
  schema: string
}

export const TOPIC_NAMES = [
  'orders',
  'customers',
  'products',
  'stock',
  'campaigns',
  'rates',
  'notes',
  'source-health',
  'commands',
  'segments',
  'forecasts',
  'anomalies',
  'alerts',
  'committed-batches',
  'processor-health',
  'dead-letters',
] as const
export type TopicName = (typeof TOPIC_NAMES)[number]

const DAY_MS = 86_400_000
const FOREVER = Number.POSITIVE_INFINITY

function topic(name: TopicName, key: string, schema: string, more: Partial<Topic> = {}): Topic {
  return { name, key, schema, partitionRule: 'by-key', partitions: 4, retentionMs: FOREVER, ...more }
}

const SINGLE = { partitionRule: 'single', partitions: 1 } as const

export const TOPICS: Record<TopicName, Topic> = {
  orders: topic('orders', 'tenant/source/order id', 'events.ts', { partitionRule: 'by-key-and-broadcast' }),
  customers: topic('customers', 'tenant/customer id', 'facts.ts'),
  products: topic('products', 'tenant/sku', 'facts.ts'),
  stock: topic('stock', 'tenant/sku', 'facts.ts'),
  campaigns: topic('campaigns', 'tenant/campaign id', 'facts.ts'),
  rates: topic('rates', 'tenant/base/quote/day', 'facts.ts', SINGLE),
  notes: topic('notes', 'tenant/kind/what it replaces', 'notes.ts', SINGLE),
  'source-health': topic('source-health', 'tenant/source', 'facts.ts', {
    ...SINGLE,
    retentionMs: 7 * DAY_MS,
  }),
  commands: topic('commands', 'tenant', 'commands.ts', { ...SINGLE, retentionMs: 30 * DAY_MS }),
  segments: topic('segments', 'tenant/customer id', 'results.ts', { retentionMs: 90 * DAY_MS }),
  forecasts: topic('forecasts', 'tenant/series', 'results.ts', { retentionMs: 90 * DAY_MS }),
  anomalies: topic('anomalies', 'tenant/subject id', 'results.ts', { retentionMs: 90 * DAY_MS }),
  alerts: topic('alerts', 'tenant/alert id', 'results.ts', { retentionMs: 90 * DAY_MS }),
  'committed-batches': topic('committed-batches', 'topic/partition', 'committed-batch.ts', {
    ...SINGLE,
    retentionMs: DAY_MS,
  }),
  'processor-health': topic('processor-health', 'instance', 'processor-health.ts', {
    ...SINGLE,
    retentionMs: DAY_MS,
  }),
  'dead-letters': topic('dead-letters', 'origin', 'dead-letters.ts', SINGLE),
}
