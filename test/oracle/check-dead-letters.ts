/** The dead letters must be the records that were meant to fail: each whole, each for its reason, none missing. */
import type { DeadLetter } from '../../core/contracts/dead-letters.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { BadRecord } from './bad-records.ts'
import { bounded } from './diff-ledgers.ts'
import { readPartition } from './read-log.ts'

export async function checkDeadLetters(log: EventLog, expected: readonly BadRecord[]): Promise<string[]> {
  const letters = await readDeadLetters(log)
  const counts = new Map<string, number>()
  const count = (id: string, by: number) => counts.set(id, (counts.get(id) ?? 0) + by)
  for (const { reason, payload, encoding } of letters)
    count(identity(reason, Buffer.from(payload, encoding)), 1)
  for (const { reason, value } of expected) count(identity(reason, value), -1)
  const faults = [...counts].flatMap(([id, by]) => {
    if (by === 0) return []
    return [`dead letters: ${by > 0 ? `${by} not expected` : `${-by} missing`}: ${id.slice(0, 200)}`]
  })
  return bounded('dead letters', faults)
}

/** One for each origin: a second letter of a record changes nothing. */
export async function readDeadLetters(log: EventLog): Promise<DeadLetter[]> {
  const letters = new Map<string, DeadLetter>()
  for (let partition = 0; partition < log.partitions('dead-letters'); partition++) {
    for await (const record of readPartition(log, 'dead-letters', partition)) {
      const letter = JSON.parse(Buffer.from(record.value).toString('utf8')) as DeadLetter
      letters.set(letter.origin, letter)
    }
  }
  return [...letters.values()]
}

function identity(reason: string, value: Uint8Array): string {
  return `${reason} ${Buffer.from(value).toString('latin1')}`
}
