/**
 * What a log on Kafka remembers of having been copied there: a topic of its own beside the others, whose last record counts.
 * A copy has the offsets of its original, so it goes on with the same life, and marks and letters that name it stay true.
 * Where the copy has not become whole, nobody may open it: it would look like a log that has lost its tail.
 */
import type { Producer } from 'kafkajs'
import { z } from 'zod'
import { RevwallError } from '../../runtime/errors.ts'
import type { KafkaClient } from './kafka-client.ts'
import { createReadAhead } from './read-ahead.ts'
import { readBounds, readRecords } from './read-records.ts'
import { readTopics } from './read-topics.ts'

const lifeNote = z.object({
  /** `copying` until all of it is there and was compared, `whole` when whoever copied has let go of the original. */
  state: z.enum(['copying', 'copied', 'whole']),
  /** Of the original; empty: whoever began did not come to say. */
  incarnation: z.string(),
  /** Where it was, for people. */
  from: z.string(),
  at: z.string(),
  /**
   * By topic: Kafka's id of it, since one that is made anew is another; and the first offset of each partition. Kafka keeps
   * that, too, but tells its disk of it only once a minute.
   */
  topics: z.record(z.string(), z.object({ id: z.string(), firsts: z.array(z.int()) })),
})
export type LifeNote = z.output<typeof lifeNote>

/** Kafka's name of it; `lifeTopic` is the one whose life is the log's. */
export const lifeNoteTopic = (prefix: string, lifeTopic: string) => `${prefix}${lifeTopic}-life`

const LIMITS = { maxRecords: 1, maxBytes: 1 }

/** Undefined where the log was born on Kafka. */
export async function readLifeNote(client: KafkaClient, topic: string): Promise<LifeNote | undefined> {
  const facts = (await client.withAny((broker) => readTopics(broker, [topic]))).get(topic)
  if (facts === undefined) return undefined
  await client.watchTopic(topic)
  const place = { topic, partition: 0 }
  const { first, next } = await readBounds(client, place)
  if (next === first) return { state: 'copying', incarnation: '', from: 'elsewhere', at: '', topics: {} }
  const parts = { client, readAhead: createReadAhead(), checkLife: async () => {} }
  const [record] = await readRecords(parts, place, next - 1, LIMITS)
  return lifeNote.parse(JSON.parse(Buffer.from(record!.value).toString('utf8')))
}

export async function writeLifeNote(producer: Producer, topic: string, note: LifeNote): Promise<void> {
  const messages = [{ partition: 0, value: JSON.stringify(note) }]
  await producer.send({ topic, acks: -1, messages })
}

/** Throws `LOG_MOVE_UNFINISHED`. */
export function requireWhole(note: LifeNote | undefined, topic: string): void {
  if (note === undefined || note.state === 'whole') return
  throw new RevwallError(
    'LOG_MOVE_UNFINISHED',
    `A log is being moved to this Kafka from ${note.from}, and not all of it is here. Run revwall move there again: it ` +
      `begins anew, or goes on. To give it up, delete the topics of this KAFKA_PREFIX, the last one ${topic}.`,
  )
}
