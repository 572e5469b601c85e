import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { command } from './commands.ts'
import { committedBatch } from './committed-batch.ts'
import { deadLetter } from './dead-letters.ts'
import { ordersTopicEvent, parseOrdersTopicEvent } from './events.ts'
import { campaignEvent, customerEvent, productEvent, rateEvent, sourceHealth } from './facts.ts'
import { annotationEvent, targetEvent } from './notes.ts'
import { partitionsGrown } from './partition-growth.ts'
import { processorHealth } from './processor-health.ts'
import { alertResult, anomalyResult, forecastResult, segmentResult } from './results.ts'
import { ORDER_STATUSES, statusCounts } from './status.ts'
import { TOPIC_NAMES, TOPICS } from './topics.ts'
import { upcast } from './upcast.ts'

/** Everything that may stand on a topic. */
const ALL = z.union([
  ordersTopicEvent,
  partitionsGrown,
  customerEvent,
  productEvent,
  campaignEvent,
  rateEvent,
  annotationEvent,
  targetEvent,
  sourceHealth,
  command,
  segmentResult,
  forecastResult,
  anomalyResult,
  alertResult,
  deadLetter,
  committedBatch,
  processorHealth,
])

const FOLDER = new URL('./corpus/', import.meta.url)
const corpus = readdirSync(FOLDER).map((file) => ({
  file,
  event: JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Record<string, unknown>,
}))

describe('the corpus', () => {
  it.each(corpus)('$file parses still, and loses nothing that it says', ({ event }) => {
    expect(ALL.parse(event)).toMatchObject(event)
  })

  it('has a file for every type', () => {
    const types = new Set(corpus.map(({ event }) => event.type))
    expect([...types].sort()).toHaveLength(26)
  })
})

describe('the orders topic', () => {
  const least = corpus.find(({ file }) => file === 'order-least.v1.json')!.event

  it('fills in what a source does not tell with null, never with a figure', () => {
    const event = parseOrdersTopicEvent(least)
    expect(event).toMatchObject({
      customerId: null,
      total: null,
      tax: null,
      country: null,
      lines: [],
      role: 'sale',
    })
  })

  it.each([
    ['a float', { version: 1.5 }],
    ['a number for money', { total: 10 }],
    ['an amount with a comma', { total: '1.234,56' }],
    ['an exponent', { total: '1e400' }],
    ['five decimals', { total: '1.00001' }],
    ['twelve digits', { total: '123456789012' }],
    ['a year before 2000', { placedAt: '1999-12-31T23:59:59Z' }],
    ['the year 9999', { placedAt: '9999-01-01T00:00:00Z' }],
    ['a local time', { placedAt: '2024-03-01T10:00:00' }],
    ['a status of its own', { status: 'shipped' }],
    ['a control character in an id', { orderId: 'a\u0000b' }],
    ['an empty id', { orderId: '' }],
    ['a tenant with a slash', { tenant: 'a/b' }],
    ['a small currency', { currency: 'gbp' }],
    ['a version of the future', { schemaVersion: 2 }],
    [
      'too many refunds',
      { refunds: Array.from({ length: 1_001 }, () => ({ id: 'r', at: least.placedAt, amount: '1' })) },
    ],
  ])('refuses %s', (_, wrong) => {
    expect(() => parseOrdersTopicEvent({ ...least, ...wrong })).toThrow(z.ZodError)
  })

  it('never lets a prototype through', () => {
    const hostile = JSON.parse(
      JSON.stringify(least).replace('{', '{"__proto__":{"total":"1"},"constructor":{"x":1},'),
    )
    const event = parseOrdersTopicEvent(hostile) as Record<string, unknown>
    expect(event.total).toBeNull()
    expect(Object.hasOwn(event, 'constructor')).toBe(false)
  })

  it('throws nothing but ZodError, whatever JSON comes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => parseOrdersTopicEvent(value)).toThrow(z.ZodError)
      }),
    )
  })
})

describe('upcasters', () => {
  const steps = {
    order: {
      1: (e: Record<string, unknown>) => ({ ...e, schemaVersion: 2, b: e.a }),
      2: (e: Record<string, unknown>) => ({ ...e, schemaVersion: 3, c: e.b }),
    },
  }

  it('are chained up to the newest version and leave other types alone', () => {
    expect(upcast({ type: 'order', schemaVersion: 1, a: 7 }, steps)).toMatchObject({ schemaVersion: 3, c: 7 })
    expect(upcast({ type: 'order', schemaVersion: 3 }, steps)).toEqual({ type: 'order', schemaVersion: 3 })
    expect(upcast({ type: 'other', schemaVersion: 1 }, steps)).toEqual({ type: 'other', schemaVersion: 1 })
    expect(upcast({ type: 'constructor', schemaVersion: 1 }, steps)).toMatchObject({ schemaVersion: 1 })
    expect(upcast('text', steps)).toBe('text')
  })

  it('that miss their step are a bug and crash', () => {
    expect(() => upcast({ type: 'order', schemaVersion: 1 }, { order: { 1: (e) => e } })).toThrow(
      /must reach 2/,
    )
  })
})

it('says of every status whether it counts', () => {
  expect(ORDER_STATUSES.filter(statusCounts)).toEqual([
    'on-hold',
    'processing',
    'completed',
    'partially-refunded',
    'refunded',
  ])
})

it('describes every topic, each with a schema file that exists', () => {
  expect(Object.keys(TOPICS)).toEqual([...TOPIC_NAMES])
  const files = readdirSync(new URL('.', import.meta.url))
  for (const { schema, partitions } of Object.values(TOPICS)) {
    expect(files).toContain(schema)
    expect(partitions).toBeGreaterThan(0)
  }
})
