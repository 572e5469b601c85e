/**
 * A log in memory: partitions, offsets with gaps, an incarnation, retention, and times in which it cannot be reached. The
 * records are one; each process has a handle of its own, behind its own thread of life.
 */
import type {
  AppendResult,
  EventLog,
  LogRecord,
  NewRecord,
  PartitionBounds,
  ReadLimits,
} from '../../../core/log/event-log.ts'
import { packRead } from '../../../core/log/packed-records.ts'
import { RevwallError } from '../../../core/runtime/errors.ts'
import type { Random } from '../../oracle/random.ts'
import type { Life } from './life.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedGroup } from './simulated-group.ts'

interface StoredPartition {
  first: number
  next: number
  /** All that were ever there: what was trimmed is not given out any more. */
  records: LogRecord[]
}

export interface LogHabits {
  maxLatencyMs: number
  /** Of an append: that offsets are left out before it, as aborted transactions do. */
  gaps: number
  /** Of one call, while `isFlaky`. */
  unreachable: number
}

export class SimulatedLog {
  readonly incarnation: string
  readonly habits: LogHabits
  isFlaky = false
  readonly #topics = new Map<string, StoredPartition[]>()
  readonly #committed = new Map<string, number>()
  readonly #waiting = new Set<() => void>()
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #group: SimulatedGroup

  constructor(scheduler: Scheduler, random: Random, habits: LogHabits, group: SimulatedGroup) {
    this.#scheduler = scheduler
    this.#random = random
    this.#group = group
    this.habits = habits
    this.incarnation = `life-${random.int(1, 1_000_000)}`
  }

  addTopic(name: string, partitions: number): void {
    const empty = () => ({ first: 0, next: 0, records: [] })
    this.#topics.set(name, Array.from({ length: partitions }, empty))
  }

  partition(topic: string, partition: number): StoredPartition {
    return this.#partitions(topic)[partition]!
  }

  /** All that was ever appended to a partition. */
  everything(topic: string, partition: number): readonly LogRecord[] {
    return this.partition(topic, partition).records
  }

  append(topic: string, records: readonly NewRecord[]): AppendResult[] {
    const counts = new Map<number, AppendResult>()
    for (const { partition, key, value, contentType } of records) {
      const to = this.partition(topic, partition)
      if (this.#random.chance(this.habits.gaps)) to.next += this.#random.int(1, 3)
      to.records.push({ offset: to.next, key, value, contentType, appendedAt: this.#scheduler.now })
      const result = counts.get(partition) ?? { partition, baseOffset: to.next, count: 0 }
      counts.set(partition, { ...result, count: result.count + 1 })
      to.next += 1
    }
    for (const wake of [...this.#waiting]) wake()
    return [...counts.values()]
  }

  read(topic: string, partition: number, offset: number, { maxRecords, maxBytes }: ReadLimits): LogRecord[] {
    const { first, records } = this.partition(topic, partition)
    if (offset < first) throw new RevwallError('LOG_TRIMMED', `${offset} lies before ${first}`)
    const found: LogRecord[] = []
    let bytes = 0
    for (let at = indexFrom(records, offset); at < records.length; at++) {
      if (found.length >= maxRecords || bytes >= maxBytes) break
      found.push(records[at]!)
      bytes += records[at]!.value.length
    }
    return found
  }

  bounds(topic: string, partition: number): PartitionBounds {
    const { first, next } = this.partition(topic, partition)
    return { first, next }
  }

  trim(topic: string, partition: number, offset: number): void {
    const stored = this.partition(topic, partition)
    stored.first = Math.max(stored.first, Math.min(offset, stored.next))
  }

  committed(group: string, topic: string, partition: number): number | undefined {
    return this.#committed.get(`${group}/${topic}/${partition}`)
  }

  /** For a process; without one, for whoever looks at the world from outside: at once, and never in vain. */
  handle(life?: Life): EventLog {
    const call = <T>(what: () => string, work: () => T | Promise<T>): Promise<T> =>
      life === undefined ? Promise.resolve().then(work) : this.#call(life, what, work)
    return {
      incarnation: this.incarnation,
      ensureTopic: async () => {},
      // The topics of a simulated world do not grow: that is tried in test/oracle/growth.test.ts.
      growTopic: async () => {
        throw new Error('a simulated topic does not grow')
      },
      partitions: (topic) => this.#partitions(topic).length,
      append: (topic, records) =>
        call(
          () => `log: append ${records.length} to ${topic}`,
          () => this.append(topic, records),
        ),
      read: (topic, partition, offset, limits) =>
        call(
          () => `log: read ${topic}/${partition} from ${offset}`,
          () => this.read(topic, partition, offset, limits),
        ),
      readPacked: (topic, partition, offset, limits) =>
        call(
          () => `log: read ${topic}/${partition} packed from ${offset}`,
          () => packRead(this.read(topic, partition, offset, limits), limits),
        ),
      bounds: (topic, partition) =>
        call(
          () => `log: bounds of ${topic}/${partition}`,
          () => this.bounds(topic, partition),
        ),
      waitForRecords: (topic, after, timeoutMs, signal) =>
        call(
          () => `log: wait for ${topic}/${[...after].join(' and ')}`,
          () => this.#wait(topic, after, timeoutMs, signal),
        ),
      join: (_group, _topic, handlers) => this.#group.join(life!, handlers),
      commit: (group, topic, partition, offset) =>
        call(
          () => `log: commit ${offset}`,
          () => {
            this.#committed.set(`${group}/${topic}/${partition}`, offset)
          },
        ),
      committed: (group, topic, partition) =>
        call(
          () => 'log: committed',
          () => this.committed(group, topic, partition),
        ),
      trim: (topic, partition, offset) =>
        call(
          () => 'log: trim',
          () => this.trim(topic, partition, offset),
        ),
      trimByAge: async () => {},
      close: async () => {},
    }
  }

  #call<T>(life: Life, what: () => string, work: () => T | Promise<T>): Promise<T> {
    return life.through(what, async () => {
      const { maxLatencyMs, unreachable } = this.habits
      await this.#scheduler.sleep(this.#random.next() * maxLatencyMs)
      const isFailing = this.isFlaky && this.#random.chance(unreachable)
      // A request may be carried out though nobody hears of it.
      if (isFailing && this.#random.chance(0.5)) throw unreachableLog()
      const answer = await work()
      if (isFailing) throw unreachableLog()
      return answer
    })
  }

  #wait(
    topic: string,
    after: ReadonlyMap<number, number>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const isThere = () =>
      [...after].some(([partition, offset]) => this.partition(topic, partition).next > offset)
    if (isThere()) return Promise.resolve(true)
    if (signal?.aborted) return Promise.resolve(false)
    return new Promise((resolve) => {
      const end = (found: boolean) => {
        timer.cancel()
        this.#waiting.delete(look)
        signal?.removeEventListener('abort', stop)
        resolve(found)
      }
      const look = () => {
        if (isThere()) end(true)
      }
      const stop = () => end(false)
      const timer = this.#scheduler.after(timeoutMs, stop)
      this.#waiting.add(look)
      signal?.addEventListener('abort', stop)
    })
  }

  #partitions(topic: string): StoredPartition[] {
    const partitions = this.#topics.get(topic)
    if (partitions === undefined) throw new RevwallError('LOG_UNKNOWN_TOPIC', `there is no topic ${topic}`)
    return partitions
  }
}

function unreachableLog(): RevwallError {
  return new RevwallError('LOG_UNREACHABLE', 'no answer from the log')
}

/** Of the first record at or behind the offset. */
function indexFrom(records: readonly LogRecord[], offset: number): number {
  let from = 0
  let to = records.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (records[middle]!.offset < offset) from = middle + 1
    else to = middle
  }
  return from
}
