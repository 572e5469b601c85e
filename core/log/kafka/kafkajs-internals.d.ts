/**
 * What we use of kafkajs 2.2.4 behind its public face, with just the members that we use. Its consumer only pushes, from
 * where a group stands; the log is asked for an offset. Its version is pinned, and conformance runs over all of it.
 */
declare module 'kafkajs/src/cluster/index.js' {
  export interface Connection {
    socket?: { destroy(error: Error): void }
  }
  export interface ConnectionPool {
    host: string
    port: number
    rack?: string
    pool: Connection[]
    send<T>(call: { request: unknown; response: WireResponse<T>; logResponseError?: boolean }): Promise<T>
  }
  export interface WireResponse<T> {
    decode(payload: Buffer): Promise<T>
    parse(decoded: T): Promise<T>
  }
  export interface PartitionOffset {
    partition: number
    offset: string
    errorCode?: number
  }
  export interface TopicOffsets<P> {
    topic: string
    partitions: P[]
  }
  export interface Broker {
    nodeId: number
    versions: unknown
    connectionPool: ConnectionPool
    connect(): Promise<void>
    disconnect(): Promise<void>
    createTopics(request: {
      topics: {
        topic: string
        numPartitions: number
        replicationFactor: number
        configEntries: { name: string; value: string }[]
      }[]
      timeout?: number
    }): Promise<unknown>
    deleteTopics(request: { topics: string[] }): Promise<unknown>
    alterConfigs(request: {
      resources: { type: number; name: string; configEntries: { name: string; value: string }[] }[]
    }): Promise<unknown>
    createPartitions(request: { topicPartitions: { topic: string; count: number }[] }): Promise<unknown>
    listOffsets(request: {
      isolationLevel: number
      topics: TopicOffsets<{ partition: number; timestamp: number }>[]
    }): Promise<{ responses: TopicOffsets<PartitionOffset>[] }>
    deleteRecords(request: { topics: TopicOffsets<PartitionOffset>[] }): Promise<unknown>
    offsetCommit(request: {
      groupId: string
      groupGenerationId: number
      memberId: string
      topics: TopicOffsets<{ partition: number; offset: string }>[]
    }): Promise<unknown>
    offsetFetch(request: {
      groupId: string
      topics: TopicOffsets<{ partition: number }>[]
    }): Promise<{ responses: TopicOffsets<PartitionOffset>[] }>
    joinGroup(request: {
      groupId: string
      sessionTimeout: number
      rebalanceTimeout: number
      memberId: string
      groupProtocols: { name: string; metadata: Buffer }[]
    }): Promise<{
      generationId: number
      leaderId: string
      memberId: string
      members: { memberId: string; memberMetadata: Buffer }[]
    }>
    syncGroup(request: {
      groupId: string
      generationId: number
      memberId: string
      groupAssignment: { memberId: string; memberAssignment: Buffer }[]
    }): Promise<{ memberAssignment: Buffer }>
    heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>
    leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>
  }
  export interface BrokerMetadata {
    clusterId: string
    brokers: { nodeId: number }[]
  }
  export default class Cluster {
    constructor(options: Record<string, unknown>)
    rootLogger: unknown
    targetTopics: Set<string>
    connectionPoolBuilder: {
      build(place: { host: string; port: number; rack?: string }): Promise<ConnectionPool>
    }
    brokerPool: {
      metadata: BrokerMetadata | null
      createBroker(options: Record<string, unknown>): Broker
      findConnectedBroker(): Promise<Broker>
    }
    connect(): Promise<void>
    disconnect(): Promise<void>
    refreshMetadata(): Promise<void>
    addMultipleTargetTopics(topics: string[]): Promise<void>
    findBroker(where: { nodeId: number }): Promise<Broker>
    findControllerBroker(): Promise<Broker>
    findGroupCoordinator(group: { groupId: string }): Promise<Broker>
    findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[]
    removeBroker(place: { host: string; port: number }): void
  }
}

declare module 'kafkajs/src/protocol/requests/fetch/v11/request.js' {
  export default function request(options: {
    replicaId: number
    maxWaitTime: number
    minBytes: number
    maxBytes: number
    isolationLevel: number
    topics: {
      topic: string
      partitions: { partition: number; fetchOffset: string; maxBytes: number }[]
    }[]
  }): unknown
}

declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    buffer: Buffer
    writeInt8(value: number): this
    writeBoolean(value: boolean): this
    writeBufferInternal(value: Buffer): this
    writeUVarIntBytes(value?: Buffer | null): this
    writeUVarIntString(value: string): this
    writeUVarIntArray(array: Encoder[]): this
  }
}

declare module 'kafkajs/src/protocol/error.js' {
  const errors: { createErrorFromCode(code: number): Error & { type: string; retriable: boolean } }
  export default errors
}

declare module 'kafkajs/src/consumer/assignerProtocol.js' {
  const protocol: {
    MemberMetadata: { encode(data: { version: number; topics: string[] }): Buffer }
    MemberAssignment: {
      encode(data: { version: number; assignment: Record<string, number[]> }): Buffer
      decode(buffer: Buffer): { assignment: Record<string, number[]> } | null
    }
  }
  export default protocol
}

declare module 'kafkajs/src/loggers/index.js' {
  const loggers: { createLogger(options: { level: number; logCreator: unknown }): unknown }
  export default loggers
}

declare module 'kafkajs/src/network/socketFactory.js' {
  import type { ISocketFactory } from 'kafkajs'
  export default function socketFactory(): ISocketFactory
}
