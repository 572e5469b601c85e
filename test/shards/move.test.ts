/** A data folder to several servers, and back to one, judged by the oracle before and after. */
import { mkdirSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FIRST_RUN } from '../../clickhouse/runs/run.ts'
import { shardsOf } from '../../clickhouse/shards.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { openKafkaLog } from '../../core/log/kafka/open-kafka-log.ts'
import { startTestBroker, type TestBroker, whyNoKafka } from '../../core/log/kafka/testing/test-broker.ts'
import { fillTables, readFilled, type Tables } from '../backup/every-table.ts'
import { runRevwall } from '../cli/run-revwall.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { openPipeline, type Pipeline } from '../oracle/pipeline.ts'
import { judge, runSources } from '../oracle/run-sources.ts'
import { SeededSource } from '../oracle/seeded-source.ts'
import { NORTH_SHOP } from '../oracle/shops.ts'
import { startTestEngine, type TestEngine } from '../with-engine.ts'
import { judgeShards, openShards, type ShardsBed, TENANTS, takeAll } from './shards-bed.ts'

const { database } = FIRST_RUN
const PREFIX = 'spread.'
const GIVEN_UP_MS = 3_000
const MORE = 60

const folder = temporaryFolder('shards-move')
const path = (name: string) => `${folder.path}/${name}`
let places: ShardsBed
const running: { stop(): Promise<void> }[] = []
beforeAll(async () => {
  mkdirSync(path('places'))
  places = await openShards(path('places'), 'new')
})
afterAll(async () => {
  await Promise.all([places?.stop(), ...running.map((one) => one.stop())])
  folder.remove()
})

const newSource = (seed: number) =>
  new SeededSource({ seed, shop: NORTH_SHOP, orders: 80, shuffleWindow: 30, duplicates: 'none', bad: false })
const logIn = (data: string) => () =>
  openEmbeddedLog({ folder: `${data}/log`, sessionTimeoutMs: GIVEN_UP_MS })

function openOn(warehouse: Warehouse, openLog: () => Promise<EventLog>): Promise<Pipeline> {
  return openPipeline({ warehouse, database, tenants: TENANTS, partitions: 4, maxRecords: 200, openLog })
}

/** What the folder has before the move. */
async function sellAt(data: string, warehouse: Warehouse, source: SeededSource): Promise<Tables> {
  const pipeline = await openOn(warehouse, logIn(data))
  await source.appendTo(pipeline.log, source.nextEvents(MORE))
  expect(await pipeline.settle()).toEqual([])
  await fillTables(warehouse)
  await pipeline.dispose()
  return readFilled(warehouse)
}

/** Everything that is left is sold at the new place, which has taken the rest along. */
async function judgeAt(warehouse: Warehouse, openLog: () => Promise<EventLog>, source: SeededSource) {
  const pipeline = await openOn(warehouse, openLog)
  try {
    const settle = () => takeAll(pipeline, warehouse).then(() => [])
    await runSources(pipeline, [source], settle)
    return warehouse.shards
      ? await judgeShards(pipeline, warehouse, [source])
      : await judge(pipeline, [source], { warehouse, database, tenants: TENANTS })
  } finally {
    await pipeline.dispose()
  }
}

const login = (url: string) => ({
  [url.includes(',') ? 'CLICKHOUSE_URLS' : 'CLICKHOUSE_URL']: url,
  ...{ CLICKHOUSE_USER: places.engine.user, CLICKHOUSE_PASSWORD: places.engine.password },
})
const run = (args: string[], env: Record<string, string>) =>
  runRevwall(args, { REVWALL_TENANTS: JSON.stringify(TENANTS), REVWALL_PARTITIONS: '4', ...env })

async function clear(): Promise<void> {
  for (const server of shardsOf(places.warehouse))
    for (const name of [`${database}_all`, database, 'revwall'])
      await server.command(`DROP DATABASE IF EXISTS ${name} SYNC`)
}

/** Which partitions have rows at each server. */
async function partitionsAt({ warehouse }: ShardsBed): Promise<number[][]> {
  const sql = `SELECT groupUniqArray(partition) AS partitions FROM ${database}.order_changes`
  const rows = await Promise.all(
    shardsOf(warehouse).map((server) => server.query<{ partitions: number[] }>(sql)),
  )
  return rows.map(([row]) => row!.partitions.sort())
}

const missing = whyNoKafka()

describe.skipIf(missing)(`one server to Kafka and two${missing ? ` (${missing})` : ''}`, () => {
  const data = path('one')
  const source = newSource(91)
  let broker: TestBroker
  let old: TestEngine
  let filled: Tables
  beforeAll(async () => {
    broker = await startTestBroker()
    running.push(broker)
    mkdirSync(data)
    old = await startTestEngine({ folder: `${data}/clickhouse` })
    filled = await sellAt(data, old.warehouse, source)
    await old.warehouse.close()
    await old.engine.stop()
  })

  it('is refused where orders of one partition would be at two servers', async () => {
    const three = ['1', '2', '3'].map((port) => `http://127.0.0.1:${port}`).join(',')
    const kafka = { KAFKA_BROKERS: broker.address, KAFKA_PREFIX: PREFIX }
    const { code, stderr } = await run(['move', data], { ...login(three), ...kafka, REVWALL_PARTITIONS: '6' })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('MOVE_SHARDS') })
    expect(stderr).toContain('began with 4 partitions, which 3 servers do not divide')
  })

  it('takes each partition to its server, and everything else to the first', async () => {
    const env = { ...login(places.engine.url), KAFKA_BROKERS: broker.address, KAFKA_PREFIX: PREFIX }
    const { code, stdout, stderr } = await run(['move', data], env)
    console.log(stdout.trim())
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/^revwall_r1\.order_changes@1: [1-9]\d* rows, equal/m)
    expect(stdout).toMatch(/^headline_v1@1 .* exact$/m)
    expect(await partitionsAt(places)).toEqual([
      [0, 2],
      [1, 3],
    ])
    expect(await readFilled(places.warehouse)).toEqual(filled)
    const openLog = () =>
      openKafkaLog({ brokers: [broker.address], ssl: false, sasl: undefined, prefix: PREFIX })
    expect(await judgeAt(places.warehouse, openLog, source)).toEqual([])
    await clear()
  })
})

describe('two servers', () => {
  const data = path('two')
  const source = newSource(92)
  let filled: Tables
  beforeAll(async () => {
    mkdirSync(data)
    const old = await openShards(data)
    filled = await sellAt(data, old.warehouse, source)
    await old.stop()
  })

  it('are taken to two others as they are', async () => {
    const { code, stdout, stderr } = await run(['move', data], login(places.engine.url))
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/^revwall_r1\.headline_v1@1: \d+ rows, equal/m)
    expect(await readFilled(places.warehouse)).toEqual(filled)
    // Whoever asks one of them alone, or them in another order, is refused.
    const [first, second] = places.engine.url.split(',')
    for (const url of [first!, `${second},${first}`])
      expect((await run(['audit'], { ...login(url), REVWALL_DATA: path('x') })).stderr).toContain(
        'SHARDS_CHANGED',
      )
    expect(await judgeAt(places.warehouse, logIn(data), source)).toEqual([])
    await clear()
  })

  it('are taken to one', async () => {
    // As its help says: to undo a move.
    rmSync(`${data}/moved.json`)
    const [first] = shardsOf(places.warehouse)
    const { code, stdout, stderr } = await run(['move', data], login(places.engine.url.split(',')[0]!))
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/^revwall_r1\.order_changes: [1-9]\d* rows, equal/m)
    expect(await readFilled(first!)).toEqual(filled)
    expect(await judgeAt(first!, logIn(data), source)).toEqual([])
  })
})
