/**
 * How far a simulation has got, as it stands in the log: in the `note` of each `source.progress`, in the same append as
 * the orders it speaks of. With the options it says everything that is needed to go on with the same shop.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { RevwallError } from '../../../core/runtime/errors.ts'
import type { PaceChange } from './intensity.ts'
import type { SimulationSettings } from './simulation-options.ts'

export interface Position {
  seed: number
  /** Of all options that decide what is told. */
  optionsHash: string
  beginMs: number
  /** Records told. */
  told: number
  paces: readonly PaceChange[]
}

/** So many stand in a note of 500 characters, whatever their rates; then the shop keeps its last pace. */
export const MAX_PACES = 14

const fields = z.object({
  seed: z.coerce.number().int().nonnegative(),
  options: z.string().regex(/^[0-9a-f]{12}$/),
  begin: z.coerce.number().int().positive(),
  told: z.coerce.number().int().nonnegative(),
  paces: z.string().transform((text, context) => {
    const paces = text === '' ? [] : text.split(',').map(parsePace)
    if (paces.some((pace) => pace === undefined)) context.addIssue('not a list of paces')
    return paces.filter((pace) => pace !== undefined)
  }),
})

/** At most 500 characters, which is what a note may have. */
export function formatPosition({ seed, optionsHash, beginMs, told, paces }: Position): string {
  return `seed=${seed} options=${optionsHash} begin=${beginMs} told=${told} paces=${paces.map(formatPace).join()}`
}

/** Error: `SIMULATE_BAD_POSITION`. */
export function parsePosition(note: string): Position {
  const pairs = note.split(' ').map((pair): [string, string] => {
    const equals = pair.indexOf('=')
    return [pair.slice(0, equals), pair.slice(equals + 1)]
  })
  const found = fields.safeParse(Object.fromEntries(pairs))
  if (!found.success)
    throw new RevwallError(
      'SIMULATE_BAD_POSITION',
      `the log has a source.progress that no simulation wrote: ${note}`,
      { cause: found.error },
    )
  const { seed, options, begin, told, paces } = found.data
  return { seed, optionsHash: options, beginMs: begin, told, paces }
}

/** When the shop opened stands in the position by itself: it follows the clock of the first start. */
export function hashOptions(settings: SimulationSettings): string {
  const { beginMs: _beginMs, ...rest } = settings
  const sorted = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 12)
}

/** `m5x2k1c8:0.5s`: an instant to base 36, orders a second or `n` for what its customers buy, `s` for steady. */
function formatPace({ atMs, perSecond, steady }: PaceChange): string {
  return `${atMs.toString(36)}:${perSecond ?? 'n'}${steady ? 's' : ''}`
}

function parsePace(text: string): PaceChange | undefined {
  const [, at, rate, steady] = /^([0-9a-z]+):(n|[0-9.e-]+)(s?)$/.exec(text) ?? []
  if (at === undefined) return undefined
  const perSecond = rate === 'n' ? null : Number(rate)
  return { atMs: Number.parseInt(at, 36), perSecond, steady: steady === 's' }
}
