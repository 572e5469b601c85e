/** What a member of a group meets while others join and leave, on a real broker, in an order that is made sure of. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Broker } from 'kafkajs/src/cluster/index.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../runtime/clock.ts'
import { silentLogger } from '../../runtime/logger.ts'
import type { EventLog } from '../event-log.ts'
import { GroupMember } from './group-member.ts'
import { type KafkaClient, openClient } from './kafka-client.ts'
import { openKafkaLog } from './open-kafka-log.ts'
import { startTestBroker, type TestBroker, whyNoKafka } from './testing/test-broker.ts'
import { createTopics, type Topic } from './topics.ts'

const missing = whyNoKafka()
const parts = { clock: systemClock, logger: silentLogger, sessionTimeoutMs: 10_000, heartbeatMs: 50 }
const nothing = { onAssigned: () => {}, onRevoked: () => {} }

describe.skipIf(missing)(`a member of a group${missing ? ` (${missing})` : ''}`, () => {
  let broker: TestBroker
  let client: KafkaClient
  let log: EventLog
  let topic: Topic
  beforeAll(async () => {
    broker = await startTestBroker()
    const login = { brokers: [broker.address], ssl: false, sasl: undefined }
    client = await openClient(login, parts)
    log = await openKafkaLog({ ...login, heartbeatMs: 50 })
    await log.ensureTopic('orders', { partitions: 2, retentionMs: Number.POSITIVE_INFINITY })
    topic = await createTopics({ client, prefix: '', replication: 1 }).find('orders')
  })
  afterAll(async () => {
    await log?.close()
    await client?.close()
    await broker?.stop()
  })

  const memberOf = (group: string, beforeSync: BeforeSync) => {
    const slow = { ...client, connectToCoordinator: async () => onSync(client, group, beforeSync) }
    const options = { group, topic, handlers: nothing }
    return new GroupMember({ ...parts, client: slow, look: async () => {} }, options)
  }

  it('joins again when another overtakes its first join', async () => {
    let other: ReturnType<EventLog['join']> | undefined
    const member = memberOf('overtaken', async () => {
      if (other !== undefined) return
      other = log.join('overtaken', 'orders', nothing)
      await delay(300)
    })
    await member.start()
    const membership = await other!
    expect([...member.assigned(), ...membership.assigned()].sort()).toEqual([0, 1])
    await Promise.all([member.leave(), membership.leave()])
  })

  it('comes under a new name when its own is forgotten while it joins', async () => {
    let calls = 0
    const member = memberOf('forgotten', async (broker, memberId) => {
      calls += 1
      if (calls === 1) await broker.leaveGroup({ groupId: 'forgotten', memberId })
    })
    await member.start()
    expect(member.assigned()).toEqual([0, 1])
    expect(calls).toBe(2)
    await member.leave()
  })
})

type BeforeSync = (broker: Broker, memberId: string) => Promise<void>

/** A connection whose `syncGroup` waits for something. */
async function onSync(client: KafkaClient, group: string, before: BeforeSync): Promise<Broker> {
  const broker = await client.connectToCoordinator(group)
  const sync = broker.syncGroup.bind(broker)
  broker.syncGroup = async (request) => {
    await before(broker, request.memberId)
    return sync(request)
  }
  return broker
}
