/** What kafkajs throws, as expected failures with a code and what to do. */
import { errorMessage, RevwallError } from '../../runtime/errors.ts'

interface KafkaError {
  name?: string
  /** Kafka's own name of a protocol error. */
  type?: string
  retriable?: boolean
  cause?: unknown
  /** Of an aggregate. */
  errors?: unknown[]
}

/** Of the connection: the next attempt may find another broker, or the same one back. */
const CONNECTION_ERRORS = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSGroupCoordinatorNotFound',
])
const REFUSALS = new Set([
  'KafkaJSSASLAuthenticationError',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
])

/** The protocol's name of the failure, of the innermost cause, told by `asLogError` or not; undefined for what is none of Kafka's. */
export function kafkaErrorType(error: unknown): string | undefined {
  return innermost(error instanceof RevwallError ? error.cause : error).type
}

/** True for what may succeed when it is tried again: a connection, an election, a restart. */
export function isPassing(error: unknown): boolean {
  const { name, type, retriable } = innermost(error)
  if (REFUSALS.has(name ?? '') || REFUSALS.has(type ?? '')) return false
  return CONNECTION_ERRORS.has(name ?? '') || (type !== undefined && retriable === true)
}

/** The expected failure behind what kafkajs threw, or the error itself when it is a bug. */
export function asLogError(error: unknown, brokers: readonly string[]): unknown {
  if (error instanceof RevwallError) return error
  const inner = innermost(error)
  const { name = '', type = '' } = inner
  const at = brokers.join(', ')
  const told = (code: string, message: string) => new RevwallError(code, message, { cause: error })
  if (REFUSALS.has(name) || REFUSALS.has(type))
    return told(
      'LOG_REFUSED',
      `Kafka at ${at} refuses the login: set KAFKA_SASL_MECHANISM, KAFKA_USERNAME and KAFKA_PASSWORD.`,
    )
  if (type.endsWith('_AUTHORIZATION_FAILED'))
    return told('LOG_REFUSED', `Kafka at ${at} does not allow it (${type}): give KAFKA_USERNAME the right.`)
  if (type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE')
    return told(
      'LOG_RECORD_TOO_LARGE',
      `Kafka at ${at} takes no records of this size: raise max.message.bytes of the topic.`,
    )
  if (isPassing(error)) return told('LOG_UNREACHABLE', unreachable(at, errorMessage(inner)))
  if (!name.startsWith('KafkaJS')) return error
  return told('LOG_IO', `Kafka at ${at} failed: ${errorMessage(error)}`)
}

function unreachable(at: string, why: string): string {
  return `Kafka at ${at} cannot be used (${why}): start it (npm run kafka), or correct KAFKA_BROKERS.`
}

/** kafkajs wraps what it tried too often, and what its retry loop gave up. */
function innermost(error: unknown): KafkaError & Error {
  let inner = error as KafkaError & Error
  // What is said of several topics at once: here of one.
  if (inner?.name === 'KafkaJSAggregateError' && inner.errors?.[0] instanceof Error)
    inner = inner.errors[0] as KafkaError & Error
  for (let depth = 0; depth < 5 && inner.cause instanceof Error; depth++) {
    if (inner.name !== 'KafkaJSNumberOfRetriesExceeded' && inner.name !== 'KafkaJSNonRetriableError') break
    inner = inner.cause as KafkaError & Error
  }
  return inner ?? {}
}

export function unknownTopic(topic: string): RevwallError {
  return new RevwallError('LOG_UNKNOWN_TOPIC', `The log has no topic ${topic}: call ensureTopic first.`)
}

export function logClosed(): RevwallError {
  return new RevwallError('LOG_CLOSED', 'The log is closed.')
}
