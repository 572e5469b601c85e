/** The parameters that routes share, each with its bound. */
import { z } from 'zod'
import { AXES } from '../../core/contracts/tiles.ts'
import { parseDay } from '../../core/runtime/local-time.ts'

/** Days of one question, so that none reads years. */
export const MAX_RANGE_DAYS = 400

export const dayField = z.iso
  .date({ error: 'a day such as 2011-11-17', abort: true })
  .refine((day) => day >= '2000-01-01' && day <= '2099-12-31', 'a day from 2000 to 2099')

export const axisField = z
  .enum(AXES)
  .default('booked')
  .describe('booked: each refund and edit on its own day; sale: everything on the day of the order.')

/** A whole number as text, from `min` to `max`. */
export function wholeField(min: number, max: number, otherwise: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, { error: `a whole number from ${min} to ${max}`, abort: true })
    .transform(Number)
    .refine((value) => value >= min && value <= max, `a whole number from ${min} to ${max}`)
    .default(otherwise)
}

/** `from` and `to`; one alone means that day, none means the tenant's today. */
export const rangeFields = {
  from: dayField.optional().describe('First local day; default: `to`, or today.'),
  to: dayField.optional().describe(`Last local day; at most ${MAX_RANGE_DAYS} days with the first.`),
}

/** The checks between the two. */
export function checkRange(
  range: { from?: string | undefined; to?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (range.from === undefined || range.to === undefined) return
  const days = parseDay(range.to) - parseDay(range.from) + 1
  if (days < 1) context.addIssue({ code: 'custom', path: ['to'], message: 'not before `from`' })
  if (days > MAX_RANGE_DAYS)
    context.addIssue({
      code: 'custom',
      path: ['to'],
      message: `at most ${MAX_RANGE_DAYS} days from \`from\``,
    })
}
