/**
 * How far a replay has got, as it stands in the log. It travels in the `note` of each `source.progress`, in the same
 * append as the facts it speaks of: so it is exactly as durable as they are, and needs no store of its own.
 */
import { z } from 'zod'
import { RevwallError } from '../../../core/runtime/errors.ts'
import { formatLocalTime, parseLocalTime } from './local-text.ts'

export interface Position {
  fileName: string
  fileHash: string
  timeZone: string
  /** Local wall time (as if UTC) where the history ends and playing begins. */
  untilLocalMs: number
  /** When the file was first judged (lines may not be dated after the day after it). */
  judgedAtMs: number
  /** From 1. */
  pass: number
  /** Steps of the pass that are in the log; the first pass counts from the file's first invoice. */
  next: number
  /** Dead letters of the file that are in the log. */
  letters: number
}

const MAX_NAME_CHARS = 150

const fields = z.object({
  file: z.string(),
  hash: z.string(),
  zone: z.string(),
  until: z.string().transform((text, context) => {
    const ms = parseLocalTime(text)
    if (ms === undefined) context.addIssue('not a local time')
    return ms ?? 0
  }),
  judged: z.iso.datetime().transform((text) => Date.parse(text)),
  pass: z.coerce.number().int().positive(),
  next: z.coerce.number().int().nonnegative(),
  letters: z.coerce.number().int().nonnegative(),
})

/** At most 500 characters, which is what a note may have. */
export function formatPosition(position: Position): string {
  const values = {
    file: shortName(position.fileName),
    hash: position.fileHash,
    zone: position.timeZone,
    until: formatLocalTime(position.untilLocalMs),
    judged: new Date(position.judgedAtMs).toISOString(),
    pass: position.pass,
    next: position.next,
    letters: position.letters,
  }
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')
}

/** Error: `REPLAY_BAD_POSITION`. */
export function parsePosition(note: string): Position {
  const pairs = note.split(' ').map((pair): [string, string] => {
    const equals = pair.indexOf('=')
    return [pair.slice(0, equals), pair.slice(equals + 1)]
  })
  const found = fields.safeParse(Object.fromEntries(pairs))
  if (!found.success)
    throw new RevwallError(
      'REPLAY_BAD_POSITION',
      `the log has a source.progress that no replay wrote: ${note}`,
      {
        cause: found.error,
      },
    )
  const { file, hash, zone, until, judged, ...rest } = found.data
  return { fileName: file, fileHash: hash, timeZone: zone, untilLocalMs: until, judgedAtMs: judged, ...rest }
}

/** Blanks part the fields of a note, so a name cannot have them there. */
export function shortName(fileName: string): string {
  return encodeURIComponent(fileName).slice(0, MAX_NAME_CHARS)
}
