/** A seeded source that pushes what it has through the door of `revwall ingest`, as a shop's own program would. */
import { setTimeout as delay } from 'node:timers/promises'
import type { RereadOrder } from '../../core/contracts/commands.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Delivery } from '../oracle/deliver.ts'
import { readPartition } from '../oracle/read-log.ts'
import type { SeededSource } from '../oracle/seeded-source.ts'

/** A seeded source, or several of them one after the other. */
export type PushedSource = Pick<SeededSource, 'left' | 'nextEvents' | 'answer'>

export interface PushOptions {
  /** Where the door is at the moment. */
  door: () => string
  key: string
  /** Nobody waits for the door any more. */
  givenUp?: AbortSignal
}

const AT_ONCE = 10
const RETRY_MS = 100
/** An answer may cause no further question. */
const MAX_ROUNDS = 4

/** Sent again until it is taken: that changes nothing. Throws where the door rejects what is right. */
export async function push(
  { door, key, givenUp }: PushOptions,
  deliveries: readonly Delivery[],
): Promise<void> {
  const body = deliveries.map(({ value }) => Buffer.from(value).toString('utf8')).join('\n')
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' }
  for (;;) {
    try {
      const answer = await fetch(`${door()}/ingest/orders`, { method: 'POST', headers, body })
      const text = await answer.text()
      if (answer.status === 202 && JSON.parse(text).rejectedCount === 0) return
      if (answer.status !== 503) throw new Error(`the door answered ${answer.status}: ${text}`)
    } catch (error) {
      // The door is away for a moment.
      if (!(error instanceof TypeError)) throw error
    }
    givenUp?.throwIfAborted()
    await delay(RETRY_MS)
  }
}

/** Pushes a little every `everyMs`, until nothing is left or the signal; then the rest of it is still there. */
export async function pushOn(
  options: PushOptions,
  source: PushedSource,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (source.left > 0 && !signal.aborted) {
    await push(options, source.nextEvents(AT_ONCE))
    await delay(everyMs)
  }
}

/** Pushes the rest and the answer to every question that is not among those `asked`; resolves with how many there were. */
export async function pushRest(
  options: PushOptions,
  source: PushedSource,
  log: EventLog,
  caughtUp: () => Promise<void>,
  asked = new Set<string>(),
): Promise<number> {
  while (source.left > 0) await push(options, source.nextEvents(20 * AT_ONCE))
  for (let round = 0; round < MAX_ROUNDS; round++) {
    await caughtUp()
    const fresh = (await readQuestions(log)).filter(({ commandId }) => !asked.has(commandId))
    if (fresh.length === 0) return asked.size
    for (const command of fresh) {
      asked.add(command.commandId)
      const answer = source.answer(command)
      if (answer === undefined) throw new Error(`asked for ${command.orderId}, which has no conflict`)
      await push(options, answer)
    }
  }
  throw new Error('an answer caused a question, again and again')
}

async function readQuestions(log: EventLog): Promise<RereadOrder[]> {
  const commands: RereadOrder[] = []
  for await (const { value } of readPartition(log, 'commands', 0))
    commands.push(JSON.parse(Buffer.from(value).toString('utf8')) as RereadOrder)
  return commands
}
