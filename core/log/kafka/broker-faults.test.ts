/** What only the log on Kafka can meet: brokers that go away, topics made anew, a login. */
import { randomUUID } from 'node:crypto'
import { Kafka } from 'kafkajs'
import { afterAll, afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { silentLogger } from '../../runtime/logger.ts'
import { PARTITIONS, readAll, record, rejectionCode, TOPIC, texts } from '../conformance/bench.ts'
import type { EventLog } from '../event-log.ts'
import { connectionOptions } from './kafka-client.ts'
import { type KafkaLogOptions, openKafkaLog } from './open-kafka-log.ts'
import { startSecureBroker } from './testing/secure-broker.ts'
import { whyNoKafka } from './testing/test-broker.ts'

const missing = whyNoKafka()
if (missing) describe.skip(`Kafka (${missing})`, () => it('runs', () => {}))
else {
  const { broker, login, stop } = await startSecureBroker({ 'log.retention.check.interval.ms': '3600000' })
  afterAll(stop)

  describe('a log on Kafka', () => {
    let options: KafkaLogOptions
    let log: EventLog
    const ensure = (each: EventLog) =>
      each.ensureTopic(TOPIC, { partitions: PARTITIONS, retentionMs: Number.POSITIVE_INFINITY })
    beforeEach(async () => {
      options = { ...login, prefix: `${randomUUID()}.`, heartbeatMs: 50 }
      log = await openKafkaLog(options)
      await ensure(log)
    })
    afterEach(() => log.close())

    const reopened = async () => {
      await log.close()
      log = await openKafkaLog(options)
      await ensure(log)
      return log
    }
    const kafkaName = () => `${options.prefix}${TOPIC}`
    const withKafka = async <T>(work: (kafka: Kafka) => Promise<T>) =>
      work(new Kafka({ ...connectionOptions(login, silentLogger) }))

    test('is reached by TLS and a login, and says what another login lacks', async () => {
      await log.append(TOPIC, [record(0, 'a')])
      expect(texts(await readAll(log, 0))).toEqual(['a'])
      const stranger = {
        ...login,
        sasl: { mechanism: 'plain', username: 'revwall', password: 'no' },
      } as const
      await expect(openKafkaLog(stranger)).rejects.toMatchObject({
        code: 'LOG_REFUSED',
        message: expect.stringContaining('KAFKA_PASSWORD'),
      })
      expect(await rejectionCode(openKafkaLog({ ...login, ssl: false }))).toMatch(
        /LOG_UNREACHABLE|LOG_REFUSED/,
      )
    })

    test('names the brokers when none of them answers', async () => {
      const nobody = { brokers: ['127.0.0.1:9'], ssl: false, sasl: undefined }
      await expect(openKafkaLog(nobody)).rejects.toMatchObject({
        code: 'LOG_UNREACHABLE',
        message: expect.stringMatching(/127\.0\.0\.1:9 .*KAFKA_BROKERS/),
      })
    })

    test('keeps its incarnation over a restart of the broker, and loses it with its topic', async () => {
      const before = log.incarnation
      await log.append(TOPIC, [record(0, 'a'), record(0, 'b')])
      await broker.kill()
      await broker.restart()
      expect((await reopened()).incarnation).toBe(before)
      expect(texts(await readAll(log, 0))).toEqual(['a', 'b'])

      const reader = await openKafkaLog(options)
      await ensure(reader)
      await withKafka(async (kafka) => {
        const admin = kafka.admin()
        await admin.connect()
        await admin.deleteTopics({ topics: [kafkaName()] })
        await admin.disconnect()
      })
      expect((await reopened()).incarnation).not.toBe(before)
      const limits = { maxRecords: 1, maxBytes: 1 }
      expect(await rejectionCode(reader.read(TOPIC, 0, 2, limits))).toBe('LOG_INCARNATION')
      await reader.close()
    })

    test('loses and doubles nothing that it acknowledged, while the broker is killed', async () => {
      const acknowledged: string[] = []
      let refused = 0
      const append = async (text: string) => {
        const code = await rejectionCode(log.append(TOPIC, [record(0, text), record(1, text)]))
        if (code === undefined) acknowledged.push(text)
        else expect(code).toBe('LOG_UNREACHABLE')
        if (code !== undefined) refused += 1
      }
      for (let n = 0; n < 20; n++) await append(`before-${n}`)
      const killed = broker.kill()
      await append('cut')
      await killed
      await append('away')
      await broker.restart()
      for (let n = 0; n < 20; n++) await append(`after-${n}`)
      expect(refused).toBeGreaterThan(0)
      expect(acknowledged.filter((text) => text.startsWith('after'))).toHaveLength(20)
      for (const partition of [0, 1]) {
        const got = texts(await readAll(log, partition))
        expect(got.filter((text) => acknowledged.includes(text))).toEqual(acknowledged)
      }
    })

    test('goes on waiting, and stays in its group, when the broker was away', async () => {
      const told: string[] = []
      const membership = await log.join('g', TOPIC, {
        onAssigned: (list) => void told.push(`+${list}`),
        onRevoked: (list) => void told.push(`-${list}`),
      })
      const woken = log.waitForRecords(TOPIC, new Map([[0, 0]]), 30_000)
      await broker.kill()
      await broker.restart()
      await log.append(TOPIC, [record(0, 'a')])
      expect(await woken).toBe(true)
      await expect.poll(() => membership.assigned(), { timeout: 60_000 }).toEqual([0, 1, 2])
      expect(told.at(-1)).toBe('+0,1,2')
    })
  })
}
