/**
 * The log: a durable, partitioned, replayable record of events. One interface, two implementations (embedded on
 * LMDB, and Kafka), one conformance suite. Nothing that must be right depends on committed offsets or on who
 * owns a partition: ClickHouse is the offset store, and its guard decides (EXACTNESS.md). Groups only divide work.
 */
import type { ContentType } from '../contracts/encode-event.ts'
import type { PackedLimits, PackedRead } from './packed-records.ts'

export type { ContentType } from '../contracts/encode-event.ts'

/** One record to append. `value` is opaque to the log; `contentType` says how it is encoded. */
export interface NewRecord {
  partition: number
  key: string
  value: Uint8Array
  contentType: ContentType
}

/** A record as it is read back. Offsets are exact integers, increasing within a partition; gaps are allowed. */
export interface LogRecord {
  offset: number
  key: string
  value: Uint8Array
  contentType: ContentType
  /** Wall clock of the append, in ms since the epoch. */
  appendedAt: number
}

/** The offsets that a partition holds: `first` is the oldest kept, `next` the one the next append gets. */
export interface PartitionBounds {
  first: number
  next: number
}

/** Where the records of one append landed: the offset of the first of them in each partition touched. */
export interface AppendResult {
  partition: number
  baseOffset: number
  count: number
}

export interface ReadLimits {
  maxRecords: number
  /** Soft: a read stops after the record that passes it, so that it always returns at least one. */
  maxBytes: number
}

export interface TopicOptions {
  partitions: number
  /** Records older than this may be trimmed by `trimByAge`; Infinity keeps all. */
  retentionMs: number
  /** Of a partition: beyond it, a log whose own server keeps to a size (see `sizes`) may trim the oldest. Default: none. */
  retentionBytes?: number
}

/** A member of a consumer group: told which partitions are its own now. Ends with `leave`. */
export interface GroupMembership {
  /** The partitions that are this member's at the moment. */
  assigned(): readonly number[]
  leave(): Promise<void>
}

export interface GroupHandlers {
  /** Called with the whole new assignment after each rebalance; the former one has been let go by then. */
  onAssigned(partitions: readonly number[]): void | Promise<void>
  /** Awaited before the partitions go to another member (best effort: a member that died is never asked). */
  onRevoked(partitions: readonly number[]): void | Promise<void>
}

/** What a log that does not keep to a size by itself can tell, for whoever trims it. */
export interface LogSizes {
  /** Space that the records of all topics take. What is trimmed makes room for others. */
  bytes(): Promise<number>
  /**
   * How far the oldest records must be trimmed, up to `limit` at the most, so that none is left that was appended before
   * `time`: an offset for `trim`. Exact to what was appended at once.
   */
  offsetAfterTime(topic: string, partition: number, time: number, limit: number): Promise<number>
  /** The same for at least `bytes` of space. */
  offsetAfterBytes(topic: string, partition: number, bytes: number, limit: number): Promise<number>
}

export interface EventLog {
  /** Absent where a log's own server keeps it to an age and a size (Kafka: retention.ms, retention.bytes). */
  readonly sizes?: LogSizes
  /**
   * One life of the log: changes only when the log is made anew, so that offsets of two lives never mix. Kafka's is that
   * of the `orders` topic, and known when that was ensured (else it throws `LOG_UNKNOWN_TOPIC`).
   */
  readonly incarnation: string
  /**
   * Makes the topic or leaves it as it is. It may have grown since: it must have as many partitions as are asked for, or a
   * multiple of them; else it is an error (`LOG_TOPIC_MISMATCH`).
   */
  ensureTopic(topic: string, options: TopicOptions): Promise<void>
  /**
   * Of a topic that this handle ensured (Kafka), or that is there (embedded). Throws `LOG_UNKNOWN_TOPIC`. Another handle
   * hears of a growth within seconds; groups then divide the new ones, too.
   */
  partitions(topic: string): number
  /**
   * Adds partitions up to this number, which must be a multiple of what it has: then a key stays where it is, or moves to a
   * new partition. Having as many already is no error; `LOG_TOPIC_MISMATCH` is any other number.
   */
  growTopic(topic: string, partitions: number): Promise<void>
  /**
   * Appends all records in one durable step (all or nothing, over all partitions), keeping the order within a
   * partition. Resolves only when they survive a power cut. Errors: `LOG_FULL` (no space; nothing was appended),
   * `LOG_UNKNOWN_TOPIC`, `LOG_UNKNOWN_PARTITION`, `LOG_RECORD_TOO_LARGE`, `LOG_CLOSED`.
   * On Kafka what is refused beforehand is refused whole; but after `LOG_UNREACHABLE` some records may be there, of each
   * partition the first ones. Whoever sends all of them again changes nothing: that is what the fold is for.
   */
  append(topic: string, records: readonly NewRecord[]): Promise<AppendResult[]>
  /**
   * Reads from `offset` on (or the next record after a gap); empty at the end. Errors: `LOG_TRIMMED` when `offset`
   * lies before the oldest record kept, `LOG_CORRUPT` when stored bytes do not match their checksum.
   */
  read(topic: string, partition: number, offset: number, limits: ReadLimits): Promise<LogRecord[]>
  /** The same without an object for each record, for whoever takes many. */
  readPacked(topic: string, partition: number, offset: number, limits: PackedLimits): Promise<PackedRead>
  bounds(topic: string, partition: number): Promise<PartitionBounds>
  /**
   * Resolves true as soon as any of the partitions may hold a record at or after the offset given for it, false
   * after `timeoutMs` or when `signal` aborts. Sees appends of other threads and processes.
   */
  waitForRecords(
    topic: string,
    after: ReadonlyMap<number, number>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<boolean>
  /** Joins a group that divides the partitions of a topic among its members, over processes too. */
  join(group: string, topic: string, handlers: GroupHandlers): Promise<GroupMembership>
  /** Remembers a position. For lag tools and for idempotent consumers only. */
  commit(group: string, topic: string, partition: number, offset: number): Promise<void>
  /** The position last committed: the offset of the next record to read; undefined when there is none. */
  committed(group: string, topic: string, partition: number): Promise<number | undefined>
  /** Removes records before `offset`. */
  trim(topic: string, partition: number, offset: number): Promise<void>
  /** Applies each topic's `retentionMs`. */
  trimByAge(now: number): Promise<void>
  close(): Promise<void>
}

/** The partition of a key: FNV-1a over UTF-8, the same in both implementations and for ever. */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(key, 'utf8')) {
    hash ^= byte
    hash = Math.imul(hash, 0x01000193)
  }
  return (hash >>> 0) % partitions
}
