/**
 * How the day goes: what is usual by now, and where it will end. Estimates, no booked amounts. On the booked axis alone;
 * where there is nothing to say, why.
 */
import { z } from 'zod'
import { decimalSum, text } from './wire.ts'

/** What has a pace, by quarters of an hour. */
export const PACE_SERIES = ['revenue', 'orders'] as const
export type PaceSeries = (typeof PACE_SERIES)[number]

export const PACE_PLACES = ['below', 'within', 'above'] as const
export type PacePlace = (typeof PACE_PLACES)[number]

export const PACE_STEP_MINUTES = 15

/**
 * `axis`: forecasts are of booked days. `off`: nothing is forecast here. `history`: too few days. `forecast`: none of this
 * day, yet or at all (a day of the week on which the shop is closed).
 */
export const PACE_ABSENCES = ['axis', 'off', 'history', 'forecast'] as const

/** The bounds are those of 80 %. */
const band80 = z.object({ value: decimalSum, low80: decimalSum, high80: decimalSum })
const count80 = z.object({ value: z.number(), low80: z.int(), high80: z.int() })
const place = z.enum(PACE_PLACES)

export const paceTile = z.object({
  /** Local day of the tenant, and the minutes of it for which `byNow` is said. */
  day: text,
  elapsedMinutes: z.number(),
  /** Null: there is something. Days of history that are complete, and that a forecast needs. */
  absence: z
    .object({ reason: z.enum(PACE_ABSENCES), completeDays: z.number(), neededDays: z.number() })
    .nullable(),
  revenue: z
    .object({
      byNow: band80,
      /** Where the day will end, and how what has come stands to what is usual; null: not reckoned yet. */
      end: band80.extend({ place }).nullable(),
      /** Cumulative, at 0, 15, … minutes up to the end of the day, be it of 23 or 25 hours. */
      band: z.object({
        stepMinutes: z.number(),
        value: z.array(decimalSum),
        low80: z.array(decimalSum),
        high80: z.array(decimalSum),
      }),
    })
    .nullable(),
  orders: z.object({ byNow: count80, place: place.nullable() }).nullable(),
})
export type PaceTile = z.infer<typeof paceTile>
