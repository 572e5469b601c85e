/** What is to be reached in each day, week or month, and how far that is. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { readDaySums } from '../../clickhouse/queries/read-day-series.ts'
import { readTargets } from '../../clickhouse/queries/read-notes.ts'
import {
  isWholeOrders,
  noteDay,
  ORDERS_FAULT,
  TARGET_PERIODS,
  TARGET_SERIES,
  type TargetEvent,
  target,
  targetAmount,
  targetProgress,
} from '../../core/contracts/notes.ts'
import { text } from '../../core/contracts/wire.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import { ApiError } from '../api-error.ts'
import { defineAction } from '../define-action.ts'
import { defineRoute } from '../define-route.ts'
import { periodAround, progressOf, targetsInForce } from '../live/target-progress.ts'
import { tenantField } from './answer-fields.ts'
import { type ApiContext, nowOf, scopeOf, tenantOf, todayOf } from './api-context.ts'
import { appendNote } from './append-note.ts'

const named = {
  series: z.enum(TARGET_SERIES).default('revenue'),
  period: z.enum(TARGET_PERIODS),
}

export function targetRoutes(app: FastifyInstance, context: ApiContext, log: EventLog): void {
  const { warehouse, database } = context

  defineRoute(app, {
    url: '/api/v1/targets',
    summary: 'Targets, and how far they are',
    description:
      'All that were set, those that begin later first; `progress`: of those that hold today, in the day, the week (from Monday) and the month that are running, on the booked axis. `before`: what came on days before today; `neededPerDay`: what today and each day after it has to bring. Revenue in the tenant’s currency.',
    query: z.object({}),
    answer: z.object({
      ...tenantField,
      ...{ currency: text, day: text, now: text },
      targets: z.array(target),
      progress: z.array(targetProgress),
    }),
    async handle(_query, principal) {
      const scope = scopeOf(context, principal, 'booked')
      const { timeZone } = tenantOf(context, principal)
      const nowMs = nowOf(context, principal)
      const day = todayOf(context, principal)
      const targets = await readTargets(warehouse, scope)
      const inForce = targetsInForce(targets, day, scope.currency)
      const firsts = inForce.map(({ period }) => periodAround(parseDay(day), period).first)
      const from = formatDay(Math.min(parseDay(day), ...firsts))
      const days = inForce.length === 0 ? [] : await readDaySums(warehouse, { ...scope, from, to: day })
      return {
        ...{
          tenant: scope.tenant,
          currency: scope.currency,
          day,
          now: new Date(nowMs).toISOString(),
          targets,
        },
        progress: inForce.map((one) => progressOf(one, { nowMs, timeZone, days })),
      }
    },
  })

  defineAction(app, {
    url: '/api/v1/targets/set',
    summary: 'Set a target',
    description:
      'From a local day on, until one of the same series and period begins later; the same day again replaces it. In the log durably when it is answered.',
    role: 'admin',
    mayLocally: true,
    body: z
      .object({ ...named, from: noteDay.optional().describe('Default: today.'), amount: targetAmount })
      .refine(isWholeOrders, ORDERS_FAULT),
    answer: z.object({ ...tenantField, target }),
    async handle({ series, period, from: asked, amount }, principal) {
      const from = asked ?? todayOf(context, principal)
      const currency = series === 'revenue' ? tenantOf(context, principal).currency : null
      const told = { series, period, from, amount, currency, by: principal.subject }
      await appendNote(log, eventOf(principal.tenant, told))
      return { tenant: principal.tenant, target: told }
    },
  })

  defineAction(app, {
    url: '/api/v1/targets/remove',
    summary: 'Take a target back',
    description: 'What began before it holds again, where there is any.',
    role: 'admin',
    mayLocally: true,
    body: z.object({ ...named, from: noteDay }),
    answer: z.object(tenantField),
    async handle(only, { tenant, subject }) {
      const [known] = await readTargets(warehouse, { database, tenant, only })
      if (known === undefined) throw new ApiError('NOT_FOUND', 'There is no such target.')
      await appendNote(log, { ...eventOf(tenant, { ...known, by: subject }), removed: true })
      return { tenant }
    },
  })
}

type Told = Pick<TargetEvent, 'series' | 'period' | 'from' | 'amount' | 'currency' | 'by'>

const eventOf = (tenant: string, told: Told): TargetEvent => ({
  ...{ type: 'target', schemaVersion: 1, tenant, ...told, removed: false },
})
