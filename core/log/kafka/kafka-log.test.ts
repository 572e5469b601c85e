/** The log on a real broker: what every log must do, beside other producers too. */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { CompressionTypes, Kafka } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { silentLogger } from '../../runtime/logger.ts'
import { record, TOPIC, texts } from '../conformance/bench.ts'
import { logConformance } from '../conformance.ts'
import type { EventLog } from '../event-log.ts'
import { connectionOptions } from './kafka-client.ts'
import { openKafkaLog } from './open-kafka-log.ts'
import { startTestBroker, whyNoKafka } from './testing/test-broker.ts'

const missing = whyNoKafka()
if (missing) describe.skip(`Kafka (${missing})`, () => it('conforms', () => {}))
else {
  // Retention is tried by hand: the broker's own look at it would come in between.
  const broker = await startTestBroker({ 'log.retention.check.interval.ms': '3600000' })
  afterAll(() => broker.stop())

  logConformance('Kafka', async () => {
    const prefix = `${randomUUID()}.`
    const options = { brokers: [broker.address], ssl: false, sasl: undefined, prefix, heartbeatMs: 50 }
    return {
      openHandle: () => openKafkaLog(options),
      // The broker goes with all its topics.
      dispose: async () => {},
    }
  })

  describe('the log on Kafka', () => {
    const options = { brokers: [broker.address], ssl: false, sasl: undefined, prefix: `${randomUUID()}.` }
    let log: EventLog
    beforeAll(async () => {
      log = await openKafkaLog(options)
      await log.ensureTopic(TOPIC, { partitions: 3, retentionMs: Number.POSITIVE_INFINITY })
    })
    afterAll(() => log.close())
    const useKafka = (work: (kafka: Kafka) => Promise<void>) =>
      work(new Kafka(connectionOptions(options, silentLogger)))

    test('a position of a group that is divided otherwise by now is late, and no failure', async () => {
      const other = await openKafkaLog(options)
      const membership = await other.join('taken', TOPIC, { onAssigned: () => {}, onRevoked: async () => {} })
      await expect.poll(() => membership.assigned().length, { timeout: 20_000 }).toBe(3)
      await log.commit('taken', TOPIC, 0, 5)
      expect(await log.committed('taken', TOPIC, 0)).toBeUndefined()
      await membership.leave()
      await other.close()
    })

    test('several that make a topic at once all have it', async () => {
      const handles = await Promise.all(Array.from({ length: 4 }, () => openKafkaLog(options)))
      const topic = { partitions: 2, retentionMs: Number.POSITIVE_INFINITY }
      await Promise.all(handles.map((handle) => handle.ensureTopic('raced', topic)))
      expect(handles.map((handle) => handle.partitions('raced'))).toEqual([2, 2, 2, 2])
      await Promise.all(handles.map((handle) => handle.close()))
    })

    test('reads what other producers write: packed, without a content type, in transactions', async () => {
      await useKafka(async (kafka) => {
        const admin = kafka.admin()
        await admin.connect()
        await admin.createTopics({
          topics: [{ topic: `${options.prefix}theirs`, numPartitions: 1 }],
          waitForLeaders: true,
        })
        await admin.disconnect()
        const producer = kafka.producer({
          idempotent: true,
          maxInFlightRequests: 1,
          transactionalId: options.prefix,
        })
        await producer.connect()
        const send = async (end: 'commit' | 'abort', value: string) => {
          const transaction = await producer.transaction()
          const messages = [{ key: 'k', value }, { value: `${value}2` }]
          await transaction.send({
            topic: `${options.prefix}theirs`,
            compression: CompressionTypes.GZIP,
            messages,
          })
          await transaction[end]()
        }
        await send('commit', 'a')
        await send('abort', 'b')
        await send('commit', 'c')
        await send('abort', 'd')
        await producer.disconnect()
      })
      const got = await log.read('theirs', 0, 0, { maxRecords: 100, maxBytes: 1_000_000 })
      expect(texts(got)).toEqual(['a', 'a2', 'c', 'c2'])
      expect(got.map(({ key }) => key)).toEqual(['k', '', 'k', ''])
      expect(got[0]!.contentType).toBe('application/json')
      // What was taken back and its marker are nothing to wake up for.
      const after = new Map([[0, got.at(-1)!.offset + 1]])
      expect(await log.waitForRecords('theirs', after, 1_000)).toBe(false)
    })

    test('wakes a wait that began while others were held back, at once', async () => {
      const waits = [0, 1, 2].map((partition) => log.waitForRecords(TOPIC, new Map([[partition, 0]]), 10_000))
      await delay(100)
      const since = performance.now()
      await log.append(TOPIC, [record(0, 'a'), record(1, 'a'), record(2, 'a')])
      expect(await Promise.all(waits)).toEqual([true, true, true])
      expect(performance.now() - since).toBeLessThan(400)
    })
  })
}
