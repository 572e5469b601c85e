/** Steps 1, 2 and 5 done wrong: what is read of the log, what the state remembers, and what is told to others. */
import type { EventLog, NewRecord } from '../../../../core/log/event-log.ts'
import type { ComputeAnswer, Run } from '../../../../processors/orders/compute-tasks.ts'
import { TOPIC } from '../house.ts'
import type { Mutant } from './mutant.ts'

const DONE: ComputeAnswer = { type: 'done', orders: 0 }

export const STATE_MUTANTS: readonly Mutant[] = [
  {
    name: 'a take begins one record late',
    log: (log, { steps }) => ({
      ...log,
      readPacked: (topic, partition, offset, limits) =>
        log.readPacked(topic, partition, topic === TOPIC && steps.has('take') ? offset + 1 : offset, limits),
    }),
  },
  {
    name: 'a batch that did not land stays in the state',
    compute: notRolledBack,
  },
  { name: 'a batch is applied to the state before it is written', compute: appliedAtOnce },
  { name: 'a state outlives its partition and comes back with it', compute: keptState },
  { name: 'a batch is computed on the state before the one ahead of it', compute: withoutAhead },
  {
    name: 'dead letters are sent when the batch has landed',
    log: (log) => sentAfterwards(log, 'dead-letters'),
  },
  {
    name: 'a source is asked again when the batch has landed',
    log: (log) => sentAfterwards(log, 'commands'),
  },
  {
    name: 'another life of the log is not seen',
    log: (log, { incarnation }) => ({ ...log, incarnation }),
  },
  {
    name: 'a lost tail of the log is not seen',
    log: (log, { isOutside }) => ({
      ...log,
      bounds: async (topic, partition) => {
        const bounds = await log.bounds(topic, partition)
        return isOutside ? { ...bounds, next: Number.POSITIVE_INFINITY } : bounds
      },
    }),
  },
  {
    name: 'records that were trimmed before they were taken are not missed',
    log: (log, { isOutside }) => ({
      ...log,
      bounds: async (topic, partition) => {
        const bounds = await log.bounds(topic, partition)
        return isOutside ? { ...bounds, first: 0 } : bounds
      },
      read: async (topic, partition, offset, limits) => {
        const { first } = await log.bounds(topic, partition)
        return log.read(topic, partition, isOutside ? Math.max(first, offset) : offset, limits)
      },
    }),
  },
  {
    name: "the log's bytes are not compared with the mark",
    log: (log, { isOutside }) => ({
      ...log,
      bounds: async (topic, partition) => {
        const bounds = await log.bounds(topic, partition)
        return isOutside ? { ...bounds, first: Math.max(bounds.first, bounds.next - 1) } : bounds
      },
    }),
  },
]

/** What has landed is told with the next batch then. */
function notRolledBack(run: Run): Run {
  const held = new Map<number, number[]>()
  return (task, list) => {
    if (!('landed' in task)) return run(task, list)
    const landed = [...(held.get(task.id) ?? []), ...task.landed]
    held.set(task.id, task.type === 'rollBack' ? landed : [])
    return task.type === 'rollBack' ? Promise.resolve(DONE) : run({ ...task, landed }, list)
  }
}

/** What did not land cannot be taken back any more. */
function appliedAtOnce(run: Run): Run {
  return async (task, list) => {
    const answer = await run('landed' in task ? { ...task, landed: [] } : task, list)
    if (answer.type === 'batch') await run({ type: 'rollBack', id: task.id, landed: [answer.batch.last] }, [])
    return answer
  }
}

/** The next life of a partition goes on with the state of the one before, wherever the mark is by now. */
function keptState(run: Run): Run {
  const kept = new Map<number, number>()
  const partitions = new Map<number, number>()
  const now = new Map<number, number>()
  return async (task, list) => {
    if (task.type === 'open') {
      const { partition } = task.context
      const before = kept.get(partition)
      kept.set(partition, before ?? task.id)
      partitions.set(task.id, partition)
      now.set(task.id, before ?? task.id)
      return before === undefined ? run(task, list) : DONE
    }
    const id = now.get(task.id)!
    const isLoading = task.type === 'load' || task.type === 'complete'
    if (task.type === 'close' || (isLoading && id !== task.id)) return DONE
    return run({ ...task, id }, list)
  }
}

/** What is computed and has not landed is forgotten before the next one is. */
function withoutAhead(run: Run): Run {
  return async (task, list) => {
    const alone = 'landed' in task ? { ...task, landed: [] } : task
    if (task.type === 'compute') await run({ type: 'rollBack', id: task.id, landed: [] }, [])
    return run(alone, list)
  }
}

/** They wait for the position to be committed, which is the last thing that is done for a batch. */
function sentAfterwards(log: EventLog, held: string): EventLog {
  let waiting: NewRecord[] = []
  return {
    ...log,
    append: async (topic, records) => {
      if (topic !== held) return log.append(topic, records)
      waiting.push(...records)
      return []
    },
    commit: async (group, topic, partition, offset) => {
      await log.commit(group, topic, partition, offset)
      const sent = waiting
      waiting = []
      if (sent.length > 0) await log.append(held, sent)
    },
  }
}
