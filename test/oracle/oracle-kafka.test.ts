/** The oracle with the log on a real Kafka: alone, and with partitions that move between two processors. */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openKafkaLog } from '../../core/log/kafka/open-kafka-log.ts'
import { startTestBroker, type TestBroker, whyNoKafka } from '../../core/log/kafka/testing/test-broker.ts'
import { startTestEngine, type TestEngine } from '../with-engine.ts'
import { openPipeline, type Pipeline } from './pipeline.ts'
import { judge, runSources } from './run-sources.ts'
import { SeededSource } from './seeded-source.ts'
import { NORTH, NORTH_SHOP, SOUTH, SOUTH_SHOP } from './shops.ts'

const missing = whyNoKafka()

describe.skipIf(missing)(`the oracle over Kafka${missing ? ` (${missing})` : ''}`, () => {
  let engine: TestEngine
  let broker: TestBroker
  beforeAll(async () => {
    ;[engine, broker] = await Promise.all([startTestEngine(), startTestBroker()])
  })
  afterAll(async () => {
    await Promise.all([engine?.stop(), broker?.stop()])
  })

  const play = async (name: string, settleBy?: (pipeline: Pipeline) => Promise<string[]>) => {
    const prefix = `${randomUUID()}.`
    const openLog = () =>
      openKafkaLog({ brokers: [broker.address], ssl: false, sasl: undefined, prefix, heartbeatMs: 50 })
    const database = `kafka_${name}`
    const options = { warehouse: engine.warehouse, database, tenants: [NORTH, SOUTH], partitions: 3, openLog }
    const more = { orders: 50, shuffleWindow: 40, duplicates: 'all' as const }
    const sources = [
      new SeededSource({ seed: 21, shop: NORTH_SHOP, ...more }),
      new SeededSource({ seed: 22, shop: SOUTH_SHOP, ...more }),
    ]
    const pipeline = await openPipeline(options)
    try {
      const settle = () => settleBy?.(pipeline) ?? pipeline.settle()
      const { faults, records } = await runSources(pipeline, sources, settle)
      const said = [...faults, ...(await judge(pipeline, sources, options))]
      console.log(
        `oracle over Kafka, ${name}: ${records} records in ${pipeline.batches()} batches, ${said.length} differences${said.slice(0, 2).map((line) => `; ${line}`)}`,
      )
      return said
    } finally {
      await pipeline.dispose()
    }
  }

  it('agrees when every event comes twice, shuffled', async () => {
    expect(await play('alone')).toEqual([])
  })

  it('agrees while partitions move between two processors', async () => {
    let moves = 0
    const said = await play('moving', async (pipeline) => {
      const stopping = new AbortController()
      const moving = comeAndGo(pipeline, stopping.signal)
      const faults = await pipeline.settle()
      stopping.abort()
      moves += await moving
      return faults
    })
    expect(said).toEqual([])
    expect(moves).toBeGreaterThan(1)
  })
})

/** A second processor takes its share when a batch has landed, and leaves it after another; resolves with how often. */
async function comeAndGo(pipeline: Pipeline, signal: AbortSignal): Promise<number> {
  const landed = async () => {
    const before = pipeline.batches()
    while (!signal.aborted && pipeline.batches() === before) await delay(20)
  }
  for (let moves = 0; ; moves++) {
    await landed()
    if (signal.aborted) return moves
    const other = await pipeline.startBeside()
    await landed()
    await other.stop()
  }
}
