/**
 * Topics with their ids. Kafka gives each topic an id when it is made, so that one that was deleted and made anew is
 * another; kafkajs asks for metadata in versions from before that, so this request (version 12) is our own.
 */
import type { Broker } from 'kafkajs/src/cluster/index.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import { WireReader } from './wire-reader.ts'

export interface TopicFacts {
  /** 32 hexadecimal digits. */
  id: string
  partitions: number
  /** Whether every partition has a leader, so that it can be written and read. */
  isReady: boolean
}

const METADATA = 3
const VERSION = 12

/** Absent from the map is what does not exist. */
export function readTopics(broker: Broker, names: readonly string[]): Promise<Map<string, TopicFacts>> {
  const request = {
    apiKey: METADATA,
    apiVersion: VERSION,
    apiName: 'Metadata',
    encode: async () => encode(names),
  }
  const response = {
    decode: async (payload: Buffer) => decode(payload),
    parse: async (topics: Topics) => topics,
  }
  return broker.connectionPool.send({ request, response })
}

type Topics = Map<string, TopicFacts>

function encode(names: readonly string[]): Encoder {
  // The tags of the header come first: kafkajs writes the header of the older versions, which has none.
  return new Encoder()
    .writeUVarIntBytes()
    .writeUVarIntArray(names.map(encodeTopic))
    .writeBoolean(false) // Nobody makes a topic by asking.
    .writeBoolean(false)
    .writeUVarIntBytes()
}

function encodeTopic(name: string): Encoder {
  const encoder = new Encoder()
  encoder.writeBufferInternal(Buffer.alloc(16))
  return encoder.writeUVarIntString(name).writeUVarIntBytes()
}

function decode(payload: Buffer): Topics {
  const reader = new WireReader(payload)
  reader.skipTags()
  reader.int32() // throttled
  reader.compactArray(() => {
    reader.int32()
    reader.compactString()
    reader.int32()
    reader.compactString()
    reader.skipTags()
  })
  reader.compactString() // cluster
  reader.int32() // controller
  const topics: Topics = new Map()
  reader.compactArray(() => {
    const error = reader.int16()
    const name = reader.compactString()
    const id = reader.take(16).toString('hex')
    reader.int8()
    const ready = reader.compactArray(() => readPartition(reader))
    reader.int32()
    reader.skipTags()
    if (error === 0) topics.set(name, { id, partitions: ready.length, isReady: ready.every(Boolean) })
  })
  return topics
}

/** Whether it has a leader. */
function readPartition(reader: WireReader): boolean {
  const error = reader.int16()
  reader.int32()
  const leader = reader.int32()
  reader.int32()
  for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32())
  reader.skipTags()
  return error === 0 && leader >= 0
}
