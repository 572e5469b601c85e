/** One fetch, for a read or as a wait. The request is kafkajs's, the answer is decoded here: it is most of the work. */
import type { Broker } from 'kafkajs/src/cluster/index.js'
import protocolError from 'kafkajs/src/protocol/error.js'
import fetchRequest from 'kafkajs/src/protocol/requests/fetch/v11/request.js'
import { type AbortedTransaction, type DecodedBatches, decodeBatches } from './decode-batches.ts'
import { WireReader } from './wire-reader.ts'

export interface FetchPlace {
  /** Kafka's name of the topic. */
  topic: string
  partition: number
  offset: number
}

export interface Fetched extends FetchPlace, DecodedBatches {
  /** Of the partition; set when it could not be read. */
  error: (Error & { type: string; retriable: boolean }) | undefined
  /** Behind the last record that may be read; -1 with an error. */
  end: number
}

export interface FetchLimits {
  partitionBytes: number
  maxBytes: number
  /** How long the broker holds it back while there is nothing; 0 not at all. */
  waitMs: number
}

/** Nothing of a transaction that is still open, or was taken back. */
export const READ_COMMITTED = 1

/** The places must be of different partitions, led by this broker. */
export function fetchRecords(
  broker: Broker,
  places: readonly FetchPlace[],
  limits: FetchLimits,
): Promise<Fetched[]> {
  const topics = places.map(({ topic, partition, offset }) => ({
    topic,
    partitions: [{ partition, fetchOffset: String(offset), maxBytes: limits.partitionBytes }],
  }))
  const request = fetchRequest({
    replicaId: -1,
    maxWaitTime: limits.waitMs,
    minBytes: 1,
    maxBytes: limits.maxBytes,
    isolationLevel: READ_COMMITTED,
    topics,
  })
  const response = {
    decode: (payload: Buffer) => decode(payload, places),
    parse: async ({ error, fetched }: Decoded) => {
      if (error !== 0) throw protocolError.createErrorFromCode(error)
      return fetched
    },
  }
  return broker.connectionPool.send<Decoded | Fetched[]>({ request, response: response as never }) as Promise<
    Fetched[]
  >
}

interface Decoded {
  error: number
  fetched: Fetched[]
}

async function decode(payload: Buffer, places: readonly FetchPlace[]): Promise<Decoded> {
  const reader = new WireReader(payload)
  reader.int32() // throttled
  const error = reader.int16()
  reader.int32() // session
  const fetched: Fetched[] = []
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.string()
    for (let partitions = reader.int32(); partitions > 0; partitions--) {
      const partition = reader.int32()
      const place = places.find((each) => each.topic === topic && each.partition === partition)!
      fetched.push(await decodePartition(reader, place))
    }
  }
  return { error, fetched }
}

async function decodePartition(reader: WireReader, place: FetchPlace): Promise<Fetched> {
  const error = reader.int16()
  reader.int64() // high watermark
  const end = reader.int64()
  reader.int64() // log start
  const aborted: AbortedTransaction[] = []
  for (let count = reader.int32(); count > 0; count--)
    aborted.push({ producerId: reader.int64(), firstOffset: reader.int64() })
  reader.int32() // preferred replica
  const bytes = reader.take(Math.max(0, reader.int32()))
  const where = `Topic ${place.topic}, partition ${place.partition}`
  const decoded = await decodeBatches(bytes, place.offset, aborted, where)
  return {
    ...place,
    ...decoded,
    end,
    error: error === 0 ? undefined : protocolError.createErrorFromCode(error),
  }
}
