/**
 * Who owns which partition: no better than it must be. Members that do not let go in time are passed over, so that two
 * may believe in one partition; the guard of the table decides, and nobody else.
 */
import type { GroupHandlers, GroupMembership } from '../../../core/log/event-log.ts'
import type { Random } from '../../oracle/random.ts'
import type { Life } from './life.ts'
import type { Scheduler } from './scheduler.ts'
import type { Trace } from './trace.ts'

interface Member {
  life: Life
  handlers: GroupHandlers
  owned: number[]
  target: number[]
  /** Handlers are called one after the other. */
  chain: Promise<void>
}

/** After that a member that has not let go is given up. */
const SESSION_MS = 1_500

export class SimulatedGroup {
  readonly #members = new Set<Member>()
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #trace: Trace
  readonly #partitions: number
  /** Of a partition: that it goes to two members at once. */
  readonly #splitBrain: number
  #rebalancing: Promise<void> = Promise.resolve()

  constructor(
    scheduler: Scheduler,
    random: Random,
    trace: Trace,
    options: { partitions: number; splitBrain: number },
  ) {
    this.#scheduler = scheduler
    this.#random = random
    this.#trace = trace
    this.#partitions = options.partitions
    this.#splitBrain = options.splitBrain
  }

  async join(life: Life, handlers: GroupHandlers): Promise<GroupMembership> {
    const member: Member = { life, handlers, owned: [], target: [], chain: Promise.resolve() }
    this.#members.add(member)
    this.rebalance()
    return {
      assigned: () => member.owned,
      leave: async () => {
        this.#members.delete(member)
        this.rebalance()
      },
    }
  }

  /** All partitions are given out anew, by chance. */
  rebalance(): void {
    this.#rebalancing = this.#rebalancing.then(() => this.#rebalance())
  }

  async #rebalance(): Promise<void> {
    for (const member of this.#members) if (member.life.isDead) this.#members.delete(member)
    const members = [...this.#members]
    if (members.length === 0) return
    for (const member of members) member.target = []
    for (let partition = 0; partition < this.#partitions; partition++)
      for (const member of this.#ownersOf(members)) member.target.push(partition)
    const told = members.map(({ life, target }) => `${life.name} [${target}]`).join(', ')
    this.#trace.note('group', `rebalance: ${told}`)
    const letGo = Promise.all(members.map((member) => this.#queue(member, () => revoke(member))))
    await Promise.race([letGo, this.#scheduler.sleep(SESSION_MS)])
    for (const member of members) this.#queue(member, () => assign(member))
  }

  #ownersOf(members: readonly Member[]): readonly Member[] {
    const owner = this.#random.pick(members)
    const others = members.filter((member) => member !== owner)
    const isSplit = others.length > 0 && this.#random.chance(this.#splitBrain)
    return isSplit ? [owner, this.#random.pick(others)] : [owner]
  }

  #queue(member: Member, step: () => Promise<void>): Promise<void> {
    member.chain = member.chain.then(() => member.life.through(() => 'told by the group', step))
    return member.chain
  }
}

async function revoke(member: Member): Promise<void> {
  const { owned, target } = member
  if (owned.length === 0 || String(owned) === String(target)) return
  member.owned = []
  await member.handlers.onRevoked(owned)
}

async function assign(member: Member): Promise<void> {
  if (member.owned.length > 0) return
  member.owned = [...member.target]
  await member.handlers.onAssigned(member.owned)
}
