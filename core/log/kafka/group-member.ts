/**
 * One member of a consumer group, by Kafka's own protocol: it joins, is told its partitions, beats. kafkajs's consumer
 * gives its partitions away at once when a rebalance begins; this one lets its owner finish first, and beats meanwhile.
 */
import type { Broker } from 'kafkajs/src/cluster/index.js'
import assignerProtocol from 'kafkajs/src/consumer/assignerProtocol.js'
import type { Clock } from '../../runtime/clock.ts'
import { errorMessage } from '../../runtime/errors.ts'
import type { Logger } from '../../runtime/logger.ts'
import { assignPartitions } from '../assign-partitions.ts'
import type { GroupHandlers } from '../event-log.ts'
import type { KafkaClient } from './kafka-client.ts'
import { isPassing, kafkaErrorType } from './kafka-errors.ts'
import { REBALANCE_TIMEOUT_MS } from './limits.ts'
import type { Topic } from './topics.ts'

const { MemberMetadata, MemberAssignment } = assignerProtocol

export interface MemberParts {
  client: KafkaClient
  clock: Clock
  logger: Logger
  sessionTimeoutMs: number
  heartbeatMs: number
  /** Asks how many partitions topics have. */
  look(): Promise<unknown>
}

export interface MemberOptions {
  /** Kafka's name of the group. */
  group: string
  topic: Topic
  handlers: GroupHandlers
}

/** All members of a group must name the same one. */
const PROTOCOL = 'RevwallRoundRobin'
const VERSION = 1
const RETRY_MS = 500
/** The coordinator does not know the member any more, or not in this generation: others may have its partitions. */
const LOST = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID'])
/** Each is answered when a rebalance ends; more of them in a row than members that begin at once is a fault. */
const MAX_FIRST_JOINS = 50

export class GroupMember {
  readonly #parts: MemberParts
  readonly #options: MemberOptions
  readonly #leaving = new AbortController()
  /** Partitions of the topic when they were divided last. */
  #divided = 0
  #broker: Broker | undefined
  #memberId = ''
  #generation = -1
  #owned: readonly number[] = []
  #running: Promise<void> = Promise.resolve()

  constructor(parts: MemberParts, options: MemberOptions) {
    this.#parts = parts
    this.#options = options
  }

  get group(): string {
    return this.#options.group
  }

  assigned(): readonly number[] {
    return this.#owned
  }

  /** Who commits for the group; undefined while it is no member. */
  get identity(): { memberId: string; groupGenerationId: number } | undefined {
    if (this.#generation < 0) return undefined
    return { memberId: this.#memberId, groupGenerationId: this.#generation }
  }

  /** Resolves when it is a member and was told its partitions; from then on it follows by itself. */
  async start(): Promise<void> {
    await this.#parts.client.again(() => this.#joinFirst())
    this.#running = this.#follow()
  }

  async leave(): Promise<void> {
    if (!this.#leaving.signal.aborted) {
      this.#leaving.abort()
      // A join may be held back for as long as others let go; nobody waits for that.
      if (this.#generation < 0) this.#drop()
    }
    await this.#running
  }

  /** Where many begin at once, each that comes overtakes those before it: they join again, with it. */
  async #joinFirst(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#join()
      } catch (error) {
        if (isOvertaken(error) && attempt < MAX_FIRST_JOINS) continue
        this.#drop()
        throw error
      }
    }
  }

  async #follow(): Promise<void> {
    const { logger } = this.#parts
    while (!this.#isLeaving) {
      try {
        if (this.#generation < 0) await this.#join()
        await this.#beatUntilRebalance()
        await this.#letGo()
      } catch (error) {
        this.#drop()
        if (this.#isLeaving) break
        logger.warn('a group is joined again', { group: this.group, why: errorMessage(error) })
        await this.#letGo()
        await this.#parts.clock.sleep(RETRY_MS, this.#leaving.signal)
      }
    }
    await this.#letGo()
    await this.#sayGoodbye()
  }

  get #isLeaving(): boolean {
    return this.#leaving.signal.aborted
  }

  async #join(): Promise<void> {
    try {
      await this.#joinAndSync()
    } catch (error) {
      this.#forgetIfLost(error)
      throw error
    }
    if (!this.#isLeaving) await this.#whileBeating(() => this.#call('onAssigned'))
  }

  /** The coordinator answers when all members have joined; the first of them divides the partitions. */
  async #joinAndSync(): Promise<void> {
    const { client, sessionTimeoutMs } = this.#parts
    const { group, topic } = this.#options
    this.#broker ??= await client.connectToCoordinator(group)
    // Whoever is to divide the partitions must know all of them.
    await this.#parts.look()
    this.#divided = topic.partitions
    const metadata = MemberMetadata.encode({ version: VERSION, topics: [topic.kafkaName] })
    const joined = await this.#broker.joinGroup({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      memberId: this.#memberId,
      groupProtocols: [{ name: PROTOCOL, metadata }],
    })
    this.#memberId = joined.memberId
    const members = joined.members.map(({ memberId }) => memberId)
    const { memberAssignment } = await this.#broker.syncGroup({
      groupId: group,
      generationId: joined.generationId,
      memberId: joined.memberId,
      groupAssignment: joined.leaderId === joined.memberId ? this.#assign(members) : [],
    })
    this.#generation = joined.generationId
    this.#owned = MemberAssignment.decode(memberAssignment)?.assignment[topic.kafkaName] ?? []
  }

  #assign(members: readonly string[]) {
    const { kafkaName, partitions } = this.#options.topic
    return [...assignPartitions(members, partitions)].map(([memberId, list]) => {
      const assignment = { [kafkaName]: list }
      return { memberId, memberAssignment: MemberAssignment.encode({ version: VERSION, assignment }) }
    })
  }

  /** Returns when the partitions must be let go, or the member leaves. */
  async #beatUntilRebalance(): Promise<void> {
    const { clock, heartbeatMs } = this.#parts
    while (!this.#isLeaving) {
      await clock.sleep(heartbeatMs, this.#leaving.signal)
      if (this.#isLeaving || !(await this.#beat())) return
      // The topic has grown.
      if (this.#options.topic.partitions !== this.#divided) return
    }
  }

  /** False when there is a rebalance. A coordinator that is away is looked for again: it may know the member still. */
  async #beat(): Promise<boolean> {
    try {
      this.#broker ??= await this.#parts.client.connectToCoordinator(this.group)
      await this.#broker.heartbeat({
        groupId: this.group,
        groupGenerationId: this.#generation,
        memberId: this.#memberId,
      })
      return true
    } catch (error) {
      this.#forgetIfLost(error)
      if (isOvertaken(error)) return false
      if (!isPassing(error)) throw error
      this.#cut()
      await this.#parts.client.refresh()
      return true
    }
  }

  /** Whoever comes with a name that the coordinator has forgotten would be sent away for ever. */
  #forgetIfLost(error: unknown): void {
    const type = kafkaErrorType(error) ?? ''
    if (LOST.has(type) && type !== 'ILLEGAL_GENERATION') this.#memberId = ''
  }

  /** Others wait for the rejoin, up to the rebalance timeout, as long as this one is heard of. */
  async #whileBeating(work: () => Promise<void>): Promise<void> {
    const done = new AbortController()
    const beating = async () => {
      while (!done.signal.aborted) {
        await this.#parts.clock.sleep(this.#parts.heartbeatMs, done.signal)
        // What it says is heard again by the next beat behind the work.
        if (!done.signal.aborted) await this.#beat().catch(() => false)
      }
    }
    const beats = beating()
    await work()
    done.abort()
    await beats
  }

  async #letGo(): Promise<void> {
    if (this.#owned.length > 0) await this.#whileBeating(() => this.#call('onRevoked'))
    this.#owned = []
    this.#generation = -1
  }

  /** So that the others need not wait for the session's end. */
  async #sayGoodbye(): Promise<void> {
    const { logger } = this.#parts
    try {
      if (this.#memberId === '') return
      // The one that it joined by was cut when the coordinator held the join back.
      this.#broker ??= await this.#parts.client.connectToCoordinator(this.group)
      await this.#broker.leaveGroup({ groupId: this.group, memberId: this.#memberId })
    } catch (error) {
      logger.debug('a group was left without a word', { group: this.group, why: errorMessage(error) })
    } finally {
      this.#drop()
    }
  }

  #drop(): void {
    this.#cut()
    this.#generation = -1
  }

  #cut(): void {
    if (this.#broker) this.#parts.client.cut(this.#broker)
    this.#broker = undefined
  }

  /** What a handler throws is logged here: the rebalance of the others must not hang on it. */
  async #call(name: keyof GroupHandlers): Promise<void> {
    try {
      await this.#options.handlers[name](this.#owned)
    } catch (error) {
      const { topic } = this.#options
      this.#parts.logger.error(`A group's ${name} handler failed`, {
        group: this.group,
        topic: topic.name,
        error,
      })
    }
  }
}

/** The group is being divided anew, with or without this member. */
function isOvertaken(error: unknown): boolean {
  const type = kafkaErrorType(error) ?? ''
  return type === 'REBALANCE_IN_PROGRESS' || LOST.has(type)
}
