/**
 * The log of a run that nobody is shown: its notices would wake the wall for numbers that are not on it, and its results
 * are not those that others go by.
 */
import type { EventLog } from '../core/log/event-log.ts'

const SHOWN_ONLY: ReadonlySet<string> = new Set([
  'committed-batches',
  'segments',
  'forecasts',
  'anomalies',
  'alerts',
])

/**
 * Everything else goes through. Dead letters and questions to sources are known by their origin, so that saying them
 * again changes nothing.
 */
export function hiddenLog(log: EventLog, isShown: () => boolean): EventLog {
  return {
    incarnation: log.incarnation,
    append: (topic, records) =>
      SHOWN_ONLY.has(topic) && !isShown() ? Promise.resolve([]) : log.append(topic, records),
    ensureTopic: (topic, options) => log.ensureTopic(topic, options),
    partitions: (topic) => log.partitions(topic),
    growTopic: (topic, partitions) => log.growTopic(topic, partitions),
    read: (topic, partition, offset, limits) => log.read(topic, partition, offset, limits),
    readPacked: (topic, partition, offset, limits) => log.readPacked(topic, partition, offset, limits),
    bounds: (topic, partition) => log.bounds(topic, partition),
    waitForRecords: (topic, after, timeoutMs, signal) => log.waitForRecords(topic, after, timeoutMs, signal),
    join: (group, topic, handlers) => log.join(group, topic, handlers),
    commit: (group, topic, partition, offset) => log.commit(group, topic, partition, offset),
    committed: (group, topic, partition) => log.committed(group, topic, partition),
    trim: (topic, partition, offset) => log.trim(topic, partition, offset),
    trimByAge: (now) => log.trimByAge(now),
    close: () => log.close(),
  }
}
