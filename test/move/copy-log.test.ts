/** A log that is copied to Kafka: the same offsets, times and life, whatever was trimmed; and what is no copy of it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyLog } from '../../commands/move/copy-log.ts'
import { TOPIC_NAMES, TOPICS } from '../../core/contracts/topics.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { beginKafkaCopy, finishKafkaCopy, requireNoLog } from '../../core/log/kafka/copy-into-kafka.ts'
import { openKafkaLog } from '../../core/log/kafka/open-kafka-log.ts'
import { startTestBroker, type TestBroker, whyNoKafka } from '../../core/log/kafka/testing/test-broker.ts'
import { readConfig } from '../../core/runtime/env.ts'

const AT = Date.UTC(2024, 1, 29, 12)
const ALL = { maxRecords: 1_000, maxBytes: 1e6 }

describe.skipIf(whyNoKafka())('a log that is copied to Kafka', () => {
  const folder = mkdtempSync(join(tmpdir(), 'revwall-copy-'))
  let broker: TestBroker
  let from: EventLog
  beforeAll(async () => {
    broker = await startTestBroker()
    const clock = { now: () => AT, sleep: async () => {} }
    from = await openEmbeddedLog({ folder, clock })
    await from.ensureTopic('orders', { ...TOPICS.orders, partitions: 3 })
    await from.ensureTopic('rates', TOPICS.rates)
    const record = (partition: number, n: number) => ({
      ...{ partition, key: `é${n}`, value: Buffer.from(`value ${n}`) },
      contentType: n % 2 ? ('application/json' as const) : ('application/vnd.revwall.order' as const),
    })
    const numbers = Array.from({ length: 40 }, (_, n) => n)
    await from.append('orders', [
      ...numbers.map((n) => record(0, n)),
      ...numbers.map((n) => record(1, n)),
      { ...record(1, 40), value: Buffer.alloc(2_000_000, 'x') },
    ])
    await from.append('rates', [record(0, 1), record(0, 2)])
    await from.trim('orders', 0, 33)
    await from.trim('rates', 0, 2)
  })
  afterAll(async () => {
    await from?.close()
    await broker?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const login = (prefix: string) => ({ brokers: [broker.address], ssl: false, sasl: undefined, prefix })
  const options = (prefix: string, incarnation = from.incarnation) => {
    return { ...login(prefix), topics: TOPIC_NAMES, incarnation, from: folder }
  }
  const copy = async (prefix: string, meddle = async () => {}) => {
    const to = await beginKafkaCopy(options(prefix))
    const { signal } = new AbortController()
    const print = () => {}
    const config = readConfig({ KAFKA_BROKERS: broker.address })
    const meddling = {
      ...to,
      append: (...args: Parameters<typeof to.append>) => meddle().then(() => to.append(...args)),
    }
    try {
      await copyLog({ config, from, to: meddling, print, signal })
      await to.seal()
    } finally {
      await to.close()
    }
  }

  it('has the offsets, times and life of the original, a crash of the broker later too', async () => {
    await copy('a.')
    await expect(openKafkaLog(login('a.'))).rejects.toMatchObject({ code: 'LOG_MOVE_UNFINISHED' })
    await finishKafkaCopy(options('a.'))
    await finishKafkaCopy(options('a.'))
    await broker.kill()
    await broker.restart()
    const log = await openKafkaLog(login('a.'))
    try {
      expect(log.incarnation).toBe(from.incarnation)
      for (const [topic, partition] of [
        ['orders', 0],
        ['orders', 1],
        ['orders', 2],
        ['rates', 0],
      ] as const) {
        const bounds = await from.bounds(topic, partition)
        expect(await log.bounds(topic, partition)).toEqual(bounds)
        const wanted = await from.read(topic, partition, bounds.first, ALL)
        const got = await log.read(topic, partition, bounds.first, ALL)
        expect(got.map((each) => ({ ...each, value: String(each.value) }))).toEqual(
          wanted.map((each) => ({ ...each, value: String(each.value) })),
        )
      }
      expect(await log.bounds('orders', 0)).toEqual({ first: 33, next: 40 })
      for (const read of [log.read, log.readPacked])
        await expect(read('orders', 0, 32, ALL)).rejects.toMatchObject({ code: 'LOG_TRIMMED' })
      const more = {
        partition: 0,
        key: 'k',
        value: Buffer.from('new'),
        contentType: 'application/json',
      } as const
      expect(await log.append('orders', [more])).toMatchObject([{ baseOffset: 40 }])
      const [last] = await log.read('orders', 0, 40, ALL)
      expect(Math.abs(last!.appendedAt - Date.now())).toBeLessThan(600_000)
    } finally {
      await log.close()
    }
  })

  it('is another log when its topic is made anew', async () => {
    const admin = new Kafka(login('a.')).admin()
    await admin.connect()
    await admin.deleteTopics({ topics: ['a.orders'] })
    await admin.disconnect()
    const log = await openKafkaLog(login('a.'))
    await log.ensureTopic('orders', { partitions: 3, retentionMs: 1e9 })
    expect(log.incarnation).not.toBe(from.incarnation)
    expect(await log.bounds('orders', 0)).toEqual({ first: 0, next: 0 })
    await log.close()
  })

  it('is refused where another log is, or the copy of another one', async () => {
    await expect(requireNoLog(options('a.'))).rejects.toMatchObject({ code: 'LOG_COPY_NOT_EMPTY' })
    await (await beginKafkaCopy(options('b.', 'another'))).close()
    await expect(beginKafkaCopy(options('b.'))).rejects.toMatchObject({ code: 'LOG_COPY_NOT_EMPTY' })
    await expect(finishKafkaCopy(options('b.'))).rejects.toMatchObject({ code: 'LOG_COPY_UNKNOWN' })
    await expect(finishKafkaCopy(options('none.'))).rejects.toMatchObject({ code: 'LOG_COPY_UNKNOWN' })
  })

  it('fails when somebody else writes meanwhile, and begins anew', async () => {
    const kafka = new Kafka(login('c.'))
    const producer = kafka.producer()
    await producer.connect()
    const meddle = async () =>
      void (await producer.send({ topic: 'c.orders', messages: [{ partition: 0, value: '' }] }))
    await expect(copy('c.', meddle)).rejects.toMatchObject({ code: 'LOG_COPY_APART' })
    await producer.disconnect()
    await copy('c.')
    await finishKafkaCopy(options('c.'))
    const log = await openKafkaLog(login('c.'))
    expect(await log.bounds('orders', 1)).toEqual({ first: 0, next: 41 })
    await log.close()
  })
})
