/**
 * One member of a group. It repeats: look at the rows, take one step (group-plan.ts), until it is settled or must
 * wait for another. Steps run one after the other, so that a handler never sees a second rebalance inside the first.
 */
import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../runtime/logger.ts'
import type { GroupHandlers } from '../event-log.ts'
import { decideStep, type GroupStep } from './group-plan.ts'
import {
  claimPartitions,
  type GroupId,
  putMember,
  readGroup,
  releasePartitions,
  removeMember,
  touchMember,
} from './group-rows.ts'
import type { Store } from './store.ts'

export interface MemberParts {
  store: Store
  clock: Clock
  logger: Logger
  sessionTimeoutMs: number
  /** Tells the other members that the rows changed. */
  onChanged(): void
}

export class GroupMember {
  readonly #parts: MemberParts
  readonly #id: GroupId
  readonly #member: string
  readonly #handlers: GroupHandlers
  #owned: readonly number[] = []
  /** Whether `onAssigned` was told of `#owned`: an empty assignment is told as well. */
  #isAnnounced = false
  #isLeaving = false
  #handlerSince: number | undefined
  #work: Promise<void> = Promise.resolve()
  #isQueued = false

  constructor(parts: MemberParts, id: GroupId, member: string, handlers: GroupHandlers) {
    this.#parts = parts
    this.#id = id
    this.#member = member
    this.#handlers = handlers
  }

  assigned(): readonly number[] {
    return this.#owned
  }

  /** Runs inside the transaction that beats for all members of the handle. A stuck handler is as good as dead. */
  beat(now: number): void {
    if (this.#isLeaving) return
    const isStuck =
      this.#handlerSince !== undefined && now - this.#handlerSince > this.#parts.sessionTimeoutMs
    if (!isStuck) touchMember(this.#parts.store, this.#id, this.#member, now)
  }

  /** Follows the rows. Calls while one waits already are that one; rejects with what the store throws. */
  follow(): Promise<void> {
    if (this.#isQueued) return this.#work
    this.#isQueued = true
    this.#work = this.#work
      .catch(() => {}) // The caller of the former call was told.
      .then(() => {
        this.#isQueued = false
        return this.#stepUntilSettled()
      })
    return this.#work
  }

  /** Waits for a handler as long as the others would; one that hangs must not keep the process from ending. */
  async leave(): Promise<void> {
    if (this.#isLeaving) return this.#work
    this.#isLeaving = true
    this.#work = this.#work.catch(() => {}).then(() => this.#letGo())
    const { clock, logger, sessionTimeoutMs } = this.#parts
    const timeout = new AbortController()
    const tooLate = clock.sleep(sessionTimeoutMs, timeout.signal).then(() => true)
    const isLate = await Promise.race([this.#work.then(() => false), tooLate]).finally(() => timeout.abort())
    if (!isLate) return
    logger.error('A group is left although its handler did not return', { group: this.#id.group })
    this.#removeRows()
  }

  async #stepUntilSettled(): Promise<void> {
    while (!this.#isLeaving) {
      const step = this.#step()
      if (step.kind === 'wait') return
      if (step.kind === 'settled') return this.#announce()
      if (step.kind === 'revoke') await this.#revoke()
      if (step.kind === 'claim') this.#take(step.partitions)
      this.#parts.onChanged()
    }
  }

  /** Looks without the writers' lock first: most looks find nothing to do. */
  #step(): GroupStep {
    const { store, clock } = this.#parts
    const now = clock.now()
    const decide = () => decideStep(readGroup(store, this.#id, now), this.#member, this.#owned)
    const seen = store.snapshot(decide)
    if (seen.kind === 'wait' || seen.kind === 'settled' || seen.kind === 'revoke') return seen
    return store.transact(() => {
      const step = decide()
      this.#write(step, now)
      return step
    })
  }

  #write(step: GroupStep, now: number): void {
    const { store, sessionTimeoutMs } = this.#parts
    if (step.kind === 'register')
      putMember(store, this.#id, this.#member, { lastSeen: now, sessionTimeoutMs })
    if (step.kind === 'expire') for (const dead of step.dead) removeMember(store, this.#id, dead)
    if (step.kind === 'claim') claimPartitions(store, this.#id, this.#member, step.partitions)
  }

  /** Also a member that was told of an empty assignment before has news now. */
  #take(partitions: readonly number[]): void {
    this.#owned = partitions
    this.#isAnnounced = false
  }

  async #announce(): Promise<void> {
    if (this.#isAnnounced) return
    this.#isAnnounced = true
    await this.#call('onAssigned')
  }

  /** The rows are let go after the handler only: that is what makes the next owner wait. */
  async #revoke(): Promise<void> {
    const { store } = this.#parts
    if (this.#isAnnounced) await this.#call('onRevoked')
    this.#take([])
    store.transact(() => releasePartitions(store, this.#id, this.#member))
  }

  async #letGo(): Promise<void> {
    if (this.#isAnnounced && this.#owned.length > 0) await this.#call('onRevoked')
    this.#removeRows()
  }

  #removeRows(): void {
    const { store, onChanged } = this.#parts
    this.#owned = []
    store.transact(() => removeMember(store, this.#id, this.#member))
    onChanged()
  }

  /** What a handler throws is logged here: the rebalance of the others must not hang on it. */
  async #call(name: keyof GroupHandlers): Promise<void> {
    this.#handlerSince = this.#parts.clock.now()
    try {
      await this.#handlers[name](this.#owned)
    } catch (error) {
      const { group, topic } = this.#id
      this.#parts.logger.error(`A group's ${name} handler failed`, { group, topic: topic.name, error })
    } finally {
      this.#handlerSince = undefined
    }
  }
}
