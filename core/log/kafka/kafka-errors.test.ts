import { KafkaJSAggregateError, KafkaJSProtocolError } from 'kafkajs'
import { expect, it } from 'vitest'
import { asLogError, kafkaErrorType } from './kafka-errors.ts'

it('finds what a broker says of a topic that another process made meanwhile', () => {
  const said = Object.assign(new Error('Topic already exists'), { type: 'TOPIC_ALREADY_EXISTS', code: 36 })
  const ofTopic = new KafkaJSProtocolError(said)
  const thrown = new KafkaJSAggregateError('Topic creation errors', [ofTopic])
  expect(kafkaErrorType(thrown)).toBe('TOPIC_ALREADY_EXISTS')
  // As whoever asked is told of it.
  expect(kafkaErrorType(asLogError(thrown, ['broker:9092']))).toBe('TOPIC_ALREADY_EXISTS')
  expect(kafkaErrorType(new KafkaJSAggregateError('Topic creation errors', []))).toBeUndefined()
})
