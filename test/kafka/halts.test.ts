/** What halts over Kafka says so on the wall, in /readyz, in the log and in the metrics, and tells what to do. */
import { Kafka } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openWall, type TestWall } from '../../api/testing/open-wall.ts'
import { connectionOptions } from '../../core/log/kafka/kafka-client.ts'
import { startTestBroker, type TestBroker, whyNoKafka } from '../../core/log/kafka/testing/test-broker.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { NORTH } from '../oracle/shops.ts'
import { type House, openHouse } from './house.ts'

const TOLD_MS = 40_000
const missing = whyNoKafka()

describe.skipIf(missing)(`halts over Kafka${missing ? ` (${missing})` : ''}`, () => {
  let broker: TestBroker
  let house: House
  let wall: TestWall

  const startProcess = () => {
    house.start('process', ['process'])
    return waitUntil('it to run', TOLD_MS, () => house.of('process').output().includes(': running'))
  }
  const ask = async (path: string) => {
    const [, address] = /: running, .* at (http:\/\/[\d.:]+)/.exec(house.of('process').output())!
    const answer = await fetch(address + path)
    return `${answer.status} ${await answer.text()}`
  }
  const toldOnWall = () => `${wall.tiles.health?.processor} ${wall.tiles.health?.message}`
  /** Everywhere: it halts, why, and what to do. */
  const told = async (code: string, words: RegExp) => {
    await waitUntil(`/readyz to say ${words}`, TOLD_MS, async () => {
      const ready = await ask('/readyz')
      return ready.startsWith('503') && words.test(ready)
    })
    await waitUntil(`the wall to say ${words}; it says "${toldOnWall()}"`, TOLD_MS, () =>
      words.test(toldOnWall()),
    )
    expect(toldOnWall()).toMatch(/^halted /)
    expect(house.of('process').output()).toMatch(words)
    return (
      code === '' ||
      expect(await ask('/metrics')).toMatch(
        new RegExp(`partition_halted\\{partition="0",code="${code}"\\} 1`),
      )
    )
  }
  const isWell = () =>
    waitUntil(`all to be well; the wall says "${toldOnWall()}"`, TOLD_MS, async () => {
      return (await ask('/readyz')).startsWith('200') && toldOnWall().startsWith('running')
    })

  beforeAll(async () => {
    broker = await startTestBroker()
    house = openHouse({ name: 'kafka-halts', partitions: 1, broker: broker.address })
    house.start('api', ['api'])
    wall = await openWall(await house.of('api').page(), { tenant: NORTH.id })
    await startProcess()
    await house.openLog()
  })
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.log(house.told())
  })
  afterAll(async () => {
    await wall?.close()
    await house?.dispose()
    await broker?.stop()
  })

  const append = () =>
    house.log.append('orders', [
      { partition: 0, key: 'k', value: Buffer.from('{}'), contentType: 'application/json' },
    ])

  it('waits for a broker that is away, and goes on when it is back', async () => {
    await isWell()
    await broker.kill()
    await told('', /start it \(npm run kafka\)/).finally(() => broker.restart())
    await isWell()
  })

  it('halts where the log was trimmed before it was taken', async () => {
    await append()
    await house.caughtUp(TOLD_MS)
    expect((await house.of('process').end('SIGTERM')).code).toBe(0)
    await append()
    await append()
    await house.log.trim('orders', 0, (await house.log.bounds('orders', 0)).next)
    await startProcess()
    await told('LOG_BEGINS_AFTER_MARK', /trimmed before they were taken.*Restore the folder/)
  })

  it('halts where the topic was made anew', async () => {
    expect((await house.of('process').end('SIGTERM')).code).toBe(0)
    const admin = new Kafka(
      connectionOptions({ brokers: [broker.address], ssl: false, sasl: undefined }, silentLogger),
    ).admin()
    await admin.connect()
    await admin.deleteTopics({ topics: ['orders'] })
    await admin.disconnect()
    await startProcess()
    await told('LOG_INCARNATION', /made anew since order_changes was filled.*Restore the folder/)
  })
})
