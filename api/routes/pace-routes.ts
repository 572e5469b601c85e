/** How today goes: what is usual by now, and where the day will end. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { PACE_ABSENCES, PACE_PLACES, PACE_SERIES } from '../../core/contracts/pace.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import { defineRoute } from '../define-route.ts'
import { dayWindow } from '../live/day-window.ts'
import { inCents, usualBy } from '../live/pace-tile.ts'
import { readPace } from '../live/read-pace-tile.ts'
import { tenantField } from './answer-fields.ts'
import { type ApiContext, nowOf, scopeOf, tenantOf } from './api-context.ts'

export function paceRoutes(app: FastifyInstance, context: ApiContext): void {
  defineRoute(app, {
    url: '/api/v1/pace',
    summary: 'The pace of today',
    description:
      'What is usual of today by each quarter of an hour, by now, and where the day will end, in the tenant’s currency on the booked axis, with intervals of 80 % and 95 %. `place`: how what has come stands to what is usual. `absence`: why there is none; axis: never here; off: nothing is forecast; history: too few complete days; forecast: none of this day yet, or the shop is closed on it. Estimates, no booked amounts.',
    query: z.object({}),
    answer: z.object({
      ...tenantField,
      currency: text,
      day: text,
      elapsedMinutes: z.number(),
      absence: z
        .object({ reason: z.enum(PACE_ABSENCES), completeDays: z.number(), neededDays: z.number() })
        .nullable(),
      series: z.array(seriesPace),
    }),
    async handle(_query, principal) {
      const { warehouse, analytics, clock } = context
      const { timeZone } = tenantOf(context, principal)
      const { today, elapsedMinutes } = dayWindow(nowOf(context, principal), timeZone)
      const scope = scopeOf(context, principal, 'booked')
      const asked = { ...scope, day: today.day, minutes: elapsedMinutes, analytics, clock }
      const { bands, nowcasts, absence } = await readPace(warehouse, asked)
      return {
        ...{ tenant: scope.tenant, currency: scope.currency, day: today.day, elapsedMinutes },
        absence: bands.length > 0 ? null : absence,
        series: bands.map(({ at, points, ...band }) => {
          const end = nowcasts.find(({ series }) => series === band.series)
          const now = Object.entries(usualBy({ points }, elapsedMinutes))
          return {
            ...band,
            unit: band.series === 'orders' ? 'orders' : scope.currency,
            madeAt: at,
            byNow: bounds.parse(Object.fromEntries(now.map(([name, value]) => [name, inCents(value)]))),
            end: end ?? null,
            band: points,
          }
        }),
      }
    },
  })
}

const bounds = z.object({
  ...{ value: decimalSum, low80: decimalSum, high80: decimalSum },
  ...{ low95: decimalSum, high95: decimalSum },
})

const seriesPace = z.object({
  series: z.enum(PACE_SERIES),
  unit: text,
  cutOff: text.describe('The last local day that the forecast behind it knows of.'),
  revision: z.number(),
  formerDays: z.number(),
  model: text,
  madeAt: text,
  byNow: bounds,
  end: bounds
    .extend({ minute: z.number(), soFar: decimalSum, place: z.enum(PACE_PLACES), at: text })
    .nullable()
    .describe('As it was reckoned when so many minutes of the day had passed.'),
  band: z.array(bounds.extend({ minute: z.number() })),
})
