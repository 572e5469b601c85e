/** Faults between the processor and ClickHouse: replies lost, bodies that stall, nobody who listens. */
import { setTimeout as sleep } from 'node:timers/promises'
import { connectWarehouse } from '../../../clickhouse/connect-warehouse.ts'
import { batchQueryId } from '../../../clickhouse/native/guarded-insert.ts'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import type { Fault, Hit } from '../fault.ts'
import { startProcessor, type TestProcessor, whileProcessing } from '../processors.ts'
import { type FaultProxy, type SpoiltInsert, startProxy } from '../proxy.ts'
import { until, within } from '../until.ts'
import type { World } from '../world.ts'
import { startWriters } from '../writers.ts'

const FEW_BYTES = 300
const REFUSED_MS = 700
const STALLED_MS = 300

export const connectionFaults: readonly Fault[] = [
  { name: 'a reply lost after a successful insert', inject: loseReply },
  { name: 'a body that stalls in the middle and is cut', inject: stallAndCut },
  { name: 'connections refused for a while', inject: refuseForAWhile },
  {
    name: 'a stalled writer, not yet begun, that wakes when another has taken its step',
    inject: (world) => wakeLate(world, 'nothing'),
  },
  {
    name: 'a stalled writer in mid-body that wakes when another has taken its step',
    // Nothing has begun then: the client sends a body as one chunk, and ClickHouse reads a chunk whole.
    inject: (world) => wakeLate(world, FEW_BYTES),
  },
  {
    name: 'a query with the id of the step that does not end',
    inject: holdId,
  },
]

async function loseReply(world: World): Promise<Hit> {
  const nth = world.random.integer(2, 4)
  return throughProxy(world, { nth, how: 'lose reply' }, async (proxy, warehouse) => {
    const processor = await startProcessor(world, { warehouse })
    const hitAt = await met(proxy, world)
    await settledThen(world, processor)
    requireOne(processor, ({ event }) => event.type === 'landed' && event.settled, 'was settled as landed')
    return { where: `insert ${nth}`, recoveredMs: performance.now() - hitAt }
  })
}

async function stallAndCut(world: World): Promise<Hit> {
  const nth = world.random.integer(2, 4)
  return throughProxy(world, { nth, how: { holdAfter: FEW_BYTES } }, async (proxy, warehouse) => {
    const processor = await startProcessor(world, { warehouse })
    const hitAt = await met(proxy, world)
    await sleep(STALLED_MS)
    proxy.cut()
    await settledThen(world, processor)
    requireOne(processor, ({ event }) => event.type === 'waiting', 'was tried again')
    return { where: `in the body of insert ${nth}`, recoveredMs: performance.now() - hitAt }
  })
}

async function refuseForAWhile(world: World): Promise<Hit> {
  return throughProxy(world, undefined, async (proxy, warehouse) => {
    const processor = await startProcessor(world, { warehouse })
    await world.sales.play(world.random.integer(20, 60))
    const hitAt = performance.now()
    await proxy.refuse()
    await sleep(REFUSED_MS)
    await proxy.accept()
    await settledThen(world, processor)
    return { where: `for ${REFUSED_MS} ms`, recoveredMs: performance.now() - hitAt }
  })
}

/** The one that stalls holds its connection, and perhaps the id of the step; the other must not wait for it for ever. */
async function wakeLate(world: World, holdAfter: number | 'nothing'): Promise<Hit> {
  await world.sales.play()
  return throughProxy(world, { nth: 1, how: { holdAfter } }, async (proxy, warehouse) => {
    const sleeper = await startWriters(world, { warehouse })
    await within('the insert to be spoilt', proxy.met)
    const hitAt = performance.now()
    const other = await startWriters(world)
    try {
      await world.caughtUp()
      proxy.release()
      await until('the one that woke is fenced', () => sleeper.counts.has('fenced'))
      await world.settled()
    } finally {
      await other.stop()
      await sleeper.stop()
    }
    return { where: `after ${holdAfter} bytes of the body`, recoveredMs: performance.now() - hitAt }
  })
}

/** Its client is gone; the processor waits for it, and kills it when it takes too long. */
async function holdId(world: World): Promise<Hit> {
  const { warehouse } = world.host
  const [mark] = await world.marks()
  const queryId = batchQueryId(world.context().run, 'orders', 0, mark!)
  const held = warehouse
    .query('SELECT sleepEachRow(0.2) FROM numbers(200)', { queryId, settings: { max_block_size: 1 } })
    .then(
      () => 'ended by itself',
      () => 'was killed',
    )
  const startedAt = performance.now()
  await whileProcessing(world, () => world.settled())
  const recoveredMs = performance.now() - startedAt
  return { where: `${queryId}, which ${await held}`, recoveredMs }
}

async function met(proxy: FaultProxy, { sales }: World): Promise<number> {
  await sales.play()
  await within('the insert to be spoilt', proxy.met)
  return performance.now()
}

async function throughProxy(
  { host }: World,
  spoil: SpoiltInsert | undefined,
  work: (proxy: FaultProxy, warehouse: Warehouse) => Promise<Hit>,
): Promise<Hit> {
  const { url, user, password } = host.engine
  const proxy = await startProxy(url, spoil)
  const warehouse = connectWarehouse({ url: proxy.url, user, password })
  try {
    return await work(proxy, warehouse)
  } finally {
    await warehouse.close()
    await proxy.close()
  }
}

async function settledThen(world: World, processor: TestProcessor): Promise<void> {
  try {
    await world.settled()
  } finally {
    await processor.stop()
  }
}

function requireOne(
  { events }: TestProcessor,
  isIt: (told: TestProcessor['events'][number]) => boolean,
  what: string,
): void {
  if (!events.some(isIt)) throw new Error(`no batch ${what}`)
}
