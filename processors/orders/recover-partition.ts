/**
 * Recovery, at every start and whenever another writer was met: the table says where to go on, the log must agree.
 * Where they do not fit, it refuses and says what to run; it never starts again from zero by itself.
 */
import type { EventLog, LogRecord } from '../../core/log/event-log.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { hashRecords } from './packed-batch.ts'
import {
  checkChain,
  type PartitionScope,
  readLastMark,
  readLastPartition,
  type StoredMark,
} from './read-position.ts'

const READ_LIMITS = { maxRecords: 10_000, maxBytes: 16 * 2 ** 20 }

/**
 * Resolves with the last mark. Throws `PARTITION_NOT_OPENED` (it will be), `NO_OPENING_MARK`, `MARK_CHAIN_BROKEN`, `LOG_INCARNATION`, `LOG_ENDS_BEFORE_MARK`,
 * `LOG_BEGINS_AFTER_MARK`, `LOG_DIFFERS`.
 */
export async function recoverPartition(scope: PartitionScope, log: EventLog): Promise<StoredMark> {
  const where = `${scope.topic}/${scope.partition}`
  // Before the chain: a partition may be opened in between.
  const isBeyond = await isBeyondOthers(scope)
  const chain = await checkChain(scope)
  if (chain.marks === 0 && isBeyond) throw notOpenedYet(where, scope.partition, log)
  if (!chain.opened) throw noOpeningMark(where, chain.marks)
  if (chain.breaks > 0) throw broken(where, chain.breaks)
  const mark = (await readLastMark(scope))!
  if (mark.incarnation !== log.incarnation) throw otherLife(where)
  await requireLogReaches(scope, log, mark, where)
  return mark
}

/** The topic has it, and the table only those before it: it is one by which the topic grows. */
async function isBeyondOthers(scope: PartitionScope): Promise<boolean> {
  const last = await readLastPartition(scope)
  return last !== undefined && last < scope.partition
}

async function requireLogReaches(
  { topic, partition }: PartitionScope,
  log: EventLog,
  mark: StoredMark,
  where: string,
): Promise<void> {
  const bounds = await log.bounds(topic, partition)
  if (bounds.next < mark.last + 1) throw endsBefore(where, mark.last, bounds.next)
  if (bounds.first > mark.last + 1) throw beginsAfter(where, mark.last, bounds.first)
  // Retention may have taken the records of the last mark; then only what is left can be compared: nothing.
  if (mark.last < mark.first || bounds.first > mark.first) return
  const records = await readRange(log, topic, partition, mark.first, mark.last)
  if (hashRecords(records) !== mark.hash) throw differs(where, mark)
}

/** All records with offsets in [first, last]. */
export async function readRange(
  log: EventLog,
  topic: string,
  partition: number,
  first: number,
  last: number,
): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for (let next = first; next <= last; ) {
    const page = await log.read(topic, partition, next, READ_LIMITS)
    if (page.length === 0) break
    records.push(...page.filter((record) => record.offset <= last))
    next = page.at(-1)!.offset + 1
  }
  return records
}

const RESTORE = 'Restore the folder of ClickHouse and that of the log from the same backup.'

export const NOT_OPENED = 'PARTITION_NOT_OPENED'

function notOpenedYet(where: string, partition: number, log: EventLog): RevwallError {
  const partitions = Math.max(log.partitions(where.split('/')[0]!), partition + 1)
  return new RevwallError(
    NOT_OPENED,
    `${where}: the topic grows to ${partitions} partitions, and this one is not opened yet; should this stay, run: ` +
      `revwall partitions grow ${partitions}`,
  )
}

function noOpeningMark(where: string, marks: number): RevwallError {
  return new RevwallError(
    'NO_OPENING_MARK',
    `${where}: order_changes has ${marks === 0 ? 'no mark' : 'marks, but no opening one'}, so nobody knows which records ` +
      `it holds. If it is empty and is to be filled from the log, run: revwall migrate --take-log. Otherwise: ${RESTORE}`,
  )
}

function broken(where: string, breaks: number): RevwallError {
  return new RevwallError(
    'MARK_CHAIN_BROKEN',
    `${where}: the chain of marks in order_changes has ${breaks} forks or holes; its rows cannot be trusted. ${RESTORE}`,
  )
}

function otherLife(where: string): RevwallError {
  return new RevwallError(
    'LOG_INCARNATION',
    `${where}: the log was made anew since order_changes was filled from it; offsets of two lives do not mix. ${RESTORE}`,
  )
}

function endsBefore(where: string, last: number, next: number): RevwallError {
  return new RevwallError(
    'LOG_ENDS_BEFORE_MARK',
    `${where}: order_changes is complete to offset ${last}, but the log ends before ${next}: its tail was lost. ${RESTORE}`,
  )
}

function beginsAfter(where: string, last: number, first: number): RevwallError {
  return new RevwallError(
    'LOG_BEGINS_AFTER_MARK',
    `${where}: order_changes ends at offset ${last}, but the log begins at ${first}: the records between were ` +
      `trimmed before they were taken. ${RESTORE}`,
  )
}

function differs(where: string, mark: StoredMark): RevwallError {
  return new RevwallError(
    'LOG_DIFFERS',
    `${where}: the log's bytes at offsets ${mark.first} to ${mark.last} are not those that order_changes was filled from. ${RESTORE}`,
  )
}
