/** Why revenue moved, down to the record that a source sent. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import {
  CONTRIBUTION_DIMENSIONS,
  type DaySpan,
  explainChange,
} from '../../clickhouse/queries/explain-change.ts'
import type { ChartDay } from '../../clickhouse/queries/read-chart.ts'
import { type OrderOrigin, readOrderOrigin } from '../../clickhouse/queries/read-order-origin.ts'
import { decodeOrdersEvent } from '../../core/contracts/decode-event.ts'
import { AXES } from '../../core/contracts/tiles.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import type { EventLog, LogRecord } from '../../core/log/event-log.ts'
import { errorCode } from '../../core/runtime/errors.ts'
import { localDay, parseDay } from '../../core/runtime/local-time.ts'
import { ApiError } from '../api-error.ts'
import { defineRoute } from '../define-route.ts'
import { chartDay } from '../live/day-window.ts'
import { tenantField } from './answer-fields.ts'
import { type ApiContext, nowOf, scopeOf, tenantOf } from './api-context.ts'
import { axisField, dayField, wholeField } from './query-fields.ts'
import { currencyField, idField, sourceField } from './text-fields.ts'

/** The longest day has 25 hours. */
const MAX_MINUTES = 1_500
const MINUTE_MS = 60_000
/** Days back. */
const AGAINST = { yesterday: 1, 'last-week': 7 } as const

export function changeRoutes(app: FastifyInstance, context: ApiContext, log: EventLog): void {
  const { warehouse, database } = context

  defineRoute(app, {
    url: '/api/v1/change',
    summary: 'Why revenue moved',
    description:
      'Revenue of a part of a day against the same minutes of another one, and what of the difference each kind of entry, source, channel, country, region, article and customer brought: the largest differences of each, and `others`, so that all together are the whole. Articles know lines; shipping, tax, edits and adjustments are among their `others`. `largest`: the orders that moved it most.',
    query: z
      .object({
        day: dayField.optional().describe('Local day; default: the tenant’s today.'),
        fromMinute: wholeField(0, MAX_MINUTES, 0).describe('Minutes that passed since local midnight.'),
        toMinute: wholeField(1, MAX_MINUTES, MAX_MINUTES).describe(
          'Not included; default: now, or the end of the day.',
        ),
        against: z.enum(Object.keys(AGAINST) as [keyof typeof AGAINST]).default('yesterday'),
        axis: axisField,
        currency: currencyField,
        limit: wholeField(1, 200, 5).describe('Rows of each dimension.'),
      })
      .refine(({ fromMinute, toMinute }) => fromMinute < toMinute, {
        path: ['toMinute'],
        message: 'after `fromMinute`',
      }),
    answer: z.object({
      ...{ ...tenantField, axis: z.enum(AXES), currency: text },
      ...{ day: text, againstDay: text, fromMinute: z.number(), toMinute: z.number() },
      revenue: z.object(changeFields),
      orders: z.object({ now: z.number(), before: z.number() }),
      contributions: z.array(
        z.object({
          dimension: z.enum(CONTRIBUTION_DIMENSIONS),
          rows: z.array(
            z.object({
              key: text.describe('Empty: not told, or guests.'),
              name: text.describe('Of articles.'),
              ...changeFields,
            }),
          ),
          others: z.object(changeFields),
        }),
      ),
      largest: z.array(z.object({ source: text, orderId: text, ...changeFields })),
    }),
    async handle({ axis, currency, against, limit, ...asked }, principal) {
      const scope = scopeOf(context, principal, axis)
      const { timeZone } = tenantOf(context, principal)
      const nowMs = nowOf(context, principal)
      const today = localDay(nowMs, timeZone)
      const number = asked.day === undefined ? today : parseDay(asked.day)
      const day = chartDay(number, timeZone)
      const other = chartDay(number - AGAINST[against], timeZone)
      // As on the wall: today has all that came, the running minute too, and the other day that minute whole.
      const passed = number === today ? Math.floor((nowMs - day.startMs) / MINUTE_MS) + 1 : minutesOf(day)
      const toMinute = Math.min(asked.toMinute, passed)
      const fromMinute = Math.min(asked.fromMinute, toMinute)
      const head = { tenant: scope.tenant, axis, currency: currency ?? scope.currency }
      const now = spanOf(day, fromMinute, toMinute, passed)
      const isWhole = toMinute === minutesOf(day)
      const before = spanOf(other, fromMinute, isWhole ? minutesOf(other) : toMinute, minutesOf(other))
      const explained = await explainChange(warehouse, { ...head, database, now, before, limit })
      return { ...head, day: day.day, againstDay: other.day, fromMinute, toMinute, ...explained }
    },
  })

  defineRoute(app, {
    url: '/api/v1/orders/:source/:id/event',
    summary: 'The record that changed an order',
    description:
      'What the source sent, as it stands in the log, and where. `event` is null with `missing`: `trimmed`, the log keeps its records for a time only; `other-log`, the change came from another life of the log.',
    params: z.object({ source: sourceField, id: idField }),
    query: z.object({ revision: wholeField(1, 999_999_999, 1) }),
    answer: z.object({
      ...{ ...tenantField, source: text, orderId: text, revision: z.number() },
      ...{ topic: text, partition: z.number(), offset: z.number() },
      appendedAt: text.nullable(),
      event: z.unknown(),
      missing: z.enum(['trimmed', 'other-log']).nullable(),
    }),
    async handle({ revision }, { tenant }, { source, id }) {
      const asked = { database, tenant, source, orderId: id, revision }
      const origin = await readOrderOrigin(warehouse, asked)
      if (origin === null)
        throw new ApiError('NOT_FOUND', `Order ${id} of ${source} has no change ${revision}.`)
      const { incarnation: _, ...at } = origin
      const head = { tenant, source, orderId: id, revision, ...at }
      const nothing = { appendedAt: null, event: null }
      if (origin.incarnation !== log.incarnation)
        return { ...head, ...nothing, missing: 'other-log' as const }
      const record = await recordAt(log, origin)
      if (record?.key !== `${tenant}/${source}/${id}`)
        return { ...head, ...nothing, missing: 'trimmed' as const }
      return {
        ...head,
        appendedAt: new Date(record.appendedAt).toISOString(),
        event: decodeOrdersEvent(record),
        missing: null,
      }
    },
  })
}

const changeFields = { now: decimalSum, before: decimalSum, change: decimalSum }

const minutesOf = ({ startMs, endMs }: ChartDay) => (endMs - startMs) / MINUTE_MS

/** What was cut in another zone belongs to the day's first minute, or to its last one. */
function spanOf({ day, startMs }: ChartDay, from: number, to: number, last: number): DaySpan {
  return {
    day,
    fromMs: from === 0 ? null : startMs + from * MINUTE_MS,
    toMs: to >= last ? null : startMs + to * MINUTE_MS,
  }
}

async function recordAt(
  log: EventLog,
  { topic, partition, offset }: OrderOrigin,
): Promise<LogRecord | undefined> {
  try {
    const [record] = await log.read(topic, partition, offset, { maxRecords: 1, maxBytes: 1 })
    return record?.offset === offset ? record : undefined
  } catch (error) {
    if (errorCode(error) === 'LOG_TRIMMED') return undefined
    throw error
  }
}
