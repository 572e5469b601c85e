import { z } from 'zod'
import { AXES } from '../../core/contracts/tiles.ts'
import { text } from '../../core/contracts/wire.ts'

/** Every answer says whose it is. */
export const tenantField = { tenant: text }

export const rangeAnswer = {
  ...tenantField,
  from: text,
  to: text,
  axis: z.enum(AXES),
  currency: text,
}
