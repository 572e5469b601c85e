/**
 * `revwall ingest`, several `revwall process` and `revwall api` as processes over a real Kafka, while orders with edits and
 * refunds come in by the door: one processor is killed, another comes, a third is stopped past its session and wakes.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { FIRST_RUN } from '../../clickhouse/runs/run.ts'
import { startTestBroker, type TestBroker, whyNoKafka } from '../../core/log/kafka/testing/test-broker.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { checkOracle } from '../oracle/check-oracle.ts'
import { SeededSource } from '../oracle/seeded-source.ts'
import { NORTH, NORTH_SHOP } from '../oracle/shops.ts'
import { type House, openHouse } from './house.ts'
import { type PushOptions, pushOn, pushRest } from './push-source.ts'

const PARTITIONS = 4
/** Kafka's word for a member that is given up: DEFAULT_SESSION_TIMEOUT_MS. */
const SESSION_MS = 10_000
/** Several processes begin at once, on two cores of which other tests have one. */
const STARTED_MS = 90_000
/** Ten events each: so slowly that some are left for the growth. */
const EVERY_MS = 400
const missing = whyNoKafka()

describe.skipIf(missing)(`roles over Kafka${missing ? ` (${missing})` : ''}`, () => {
  let broker: TestBroker
  let house: House
  let pushing: PushOptions
  const selling = new AbortController()
  const source = new SeededSource({
    ...{ seed: 5, shop: NORTH_SHOP, orders: 500, shuffleWindow: 60, bad: false },
  })
  let sold: Promise<void> = Promise.resolve()

  const startAll = async (...names: string[]) => {
    for (const name of names) house.start(name, name.startsWith('process') ? ['process'] : [name])
    for (const name of names.filter((each) => each !== 'api'))
      await waitUntil(`${name} to run`, STARTED_MS, () => house.of(name).output().includes(': running'))
  }
  /** Metrics of one processor, by what its lines begin with. */
  const partitionsOf = async (name: string) => {
    const [, address] = /: running, .* at (http:\/\/[\d.:]+)/.exec(house.of(name).output())!
    const text = await (await fetch(`${address}/metrics`)).text()
    return [...text.matchAll(/^revwall_batches_total\{partition="(\d+)"\}/gm)].map(([, n]) => Number(n))
  }
  const startHouse = async () => {
    // First, so that it is the host of ClickHouse: whoever is killed below is not.
    house.start('api', ['api'])
    await house.of('api').page()
    const { stdout } = await house.run(['keys', 'add', '--tenant', NORTH.id])
    const door = () => /pushed at (http:\/\/[\d.:]+)/.exec(house.of('ingest').output())![1]!
    pushing = { door, key: /rvw_\S+/.exec(stdout)![0] }
    await startAll('ingest', 'process 1', 'process 2')
    await house.openLog()
  }

  beforeAll(async () => {
    broker = await startTestBroker()
    house = openHouse({ name: 'kafka-roles', partitions: PARTITIONS, broker: broker.address })
    try {
      await startHouse()
    } catch (error) {
      console.log(house.told())
      throw error
    }
  })
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.log(house.told())
  })
  afterAll(async () => {
    selling.abort()
    await sold.catch(() => {})
    await house?.dispose()
    await broker?.stop()
  })

  it('divides the partitions, and goes on when one processor is killed and another comes', async () => {
    sold = pushOn(pushing, source, EVERY_MS, selling.signal)
    await waitUntil('both to write', STARTED_MS, async () => {
      const shares = await Promise.all(['process 1', 'process 2'].map(partitionsOf))
      return shares.every((share) => share.length > 0) && shares.flat().length >= PARTITIONS
    })
    await house.of('process 1').end('SIGKILL')
    const since = performance.now()
    await startAll('process 3')
    await house.caughtUp(SESSION_MS + 15_000)
    console.log(
      `killed one, started one: all of it is taken after ${(performance.now() - since).toFixed()} ms`,
    )
    expect((await partitionsOf('process 2')).length).toBeGreaterThan(0)
  })

  it('gives the partitions of one that sleeps away, and nothing is counted twice when it wakes', async () => {
    const sleeper = house.of('process 2').pid
    process.kill(sleeper, 'SIGSTOP')
    try {
      await delay(SESSION_MS)
      const since = performance.now()
      await house.caughtUp(SESSION_MS + 15_000)
      console.log(
        `stopped one: all of it is taken ${(performance.now() - since).toFixed()} ms after its session`,
      )
      // A partition without news since is taken over a moment later.
      await waitUntil('the other one to have all', STARTED_MS, async () => {
        return (await partitionsOf('process 3')).length === PARTITIONS
      })
    } finally {
      process.kill(sleeper, 'SIGCONT')
    }
    await waitUntil('it to write again', STARTED_MS, async () => (await partitionsOf('process 2')).length > 0)
  })

  it('grows its partitions while orders come in', async () => {
    const { code, stdout, stderr } = await house.run(['partitions', 'grow', String(2 * PARTITIONS)])
    expect(code, stderr).toBe(0)
    expect(stdout).toContain(`orders has ${2 * PARTITIONS} partitions`)
    await waitUntil('the new ones to be written', STARTED_MS, async () => {
      const shares = await Promise.all(['process 2', 'process 3'].map(partitionsOf))
      return new Set(shares.flat()).size === 2 * PARTITIONS
    })
    await waitUntil('the ear of this test', STARTED_MS, () => house.log.partitions('orders') > PARTITIONS)
    console.log((await house.run(['partitions'])).stdout)
  })

  it('agrees with the books to the cent, and drifts by nothing', async () => {
    selling.abort()
    await sold
    const questions = await pushRest(pushing, source, house.log, () => house.caughtUp(30_000))
    // It tells progress for as long as it lives, and the oracle wants a log that stands still.
    expect((await house.of('ingest').end('SIGTERM')).code).toBe(0)
    await house.caughtUp(30_000)
    const warehouse = house.warehouse()
    const { database } = FIRST_RUN
    const said = await checkOracle({
      ...{ books: source.books(), log: house.log, warehouse, database },
      ...{ tenants: [NORTH], openDeadLetters: [] },
    })
    console.log(`oracle over processes: ${questions} questions answered, ${said.length} differences`)
    expect(said).toEqual([])
    const [grown] = await warehouse.query<{ orders: string }>(
      `SELECT toString(uniqExact(order_id)) AS orders FROM ${database}.order_changes WHERE sign = 1 AND partition >= ${PARTITIONS}`,
    )
    expect(Number(grown!.orders)).toBeGreaterThan(0)
    const { code, stdout, stderr } = await house.run(['audit', '--json'])
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ driftE4: '0' })
  })

  it('ends in good order', async () => {
    const names = ['process 2', 'process 3', 'api']
    const ends = await Promise.all(names.map((name) => house.of(name).end('SIGTERM')))
    expect(ends.map(({ code }) => code)).toEqual(names.map(() => 0))
  })
})
