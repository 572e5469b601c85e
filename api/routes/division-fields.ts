/** How a question wants customers divided, and what its answer says of it. */
import { z } from 'zod'
import { type Division, readDivision } from '../../clickhouse/queries/read-division.ts'
import { text } from '../../core/contracts/wire.ts'
import { SEGMENT_CHOICES, type SegmentChoice } from '../../core/segments/segment-modes.ts'
import { ApiError } from '../api-error.ts'
import type { Principal } from '../auth/principal.ts'
import { type ApiContext, todayOf } from './api-context.ts'

export const divisionFields = {
  mode: z
    .enum(SEGMENT_CHOICES)
    .optional()
    .describe('How customers are divided. Default: as it is done live (REVWALL_SEGMENTS).'),
  version: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, 'the number of a version of the rules')
    .transform(Number)
    .optional()
    .describe('Of the rules, with mode=rules. Default: the newest.'),
}

interface Asked {
  mode?: SegmentChoice | undefined
  version?: number | undefined
}

/** The check between the two. */
export function checkDivision({ mode, version }: Asked, context: z.RefinementCtx): void {
  if (version !== undefined && mode !== 'rules')
    context.addIssue({ code: 'custom', path: ['version'], message: 'only beside mode=rules' })
}

export const divisionAnswer = {
  mode: z.enum(SEGMENT_CHOICES),
  version: z.number().nullable().describe('Of the rules.'),
  live: z.enum(SEGMENT_CHOICES).describe('The mode whose days and moves are kept, and events told.'),
  labels: z
    .array(z.object({ id: text, en: text, pt: text }))
    .describe('Its segments by name, the best first.'),
}

export async function divisionOf(
  context: ApiContext,
  principal: Principal,
  { mode = context.segments, version }: Asked,
): Promise<Division> {
  const today = todayOf(context, principal)
  const division = await readDivision(context.warehouse, { mode, version, today })
  if (division !== undefined) return division
  const message = `There is no version ${version} of the rules.`
  throw new ApiError('BAD_REQUEST', message, { details: [{ path: 'version', message }] })
}

export function answerOf({ segments }: ApiContext, division: Division) {
  const { mode, version } = division
  return {
    mode,
    version,
    live: segments,
    labels: division.segments.map(({ id, en, pt }) => ({ id, en, pt })),
  }
}
