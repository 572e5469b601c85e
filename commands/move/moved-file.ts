/**
 * `moved.json` in a data folder: what is elsewhere by now. From the moment it is written what was moved belongs to its new
 * place: two logs of one life that both go on would be two truths.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { errorMessage, RevwallError } from '../../core/runtime/errors.ts'

const place = z.object({
  /** Where it is, as the environment names it. */
  to: z.string(),
  /** Life of the log. */
  incarnation: z.string(),
  at: z.string(),
})
const moved = z.object({ log: place.optional(), clickhouse: place.optional() })
export type Moved = z.output<typeof moved>
export type MovedPart = keyof Moved

const pathOf = (folder: string) => join(folder, 'moved.json')

/** Throws `FOLDER_MOVED` where it does not parse: something was moved, and nobody knows what. */
export function readMoved(folder: string): Moved {
  const path = pathOf(folder)
  if (!existsSync(path)) return {}
  try {
    return moved.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw new RevwallError('FOLDER_MOVED', `${path} does not parse: ${errorMessage(cause)}`, { cause })
  }
}

/** On the disk, name and all, when it returns. */
export function writeMoved(folder: string, told: Moved): void {
  const draft = `${pathOf(folder)}.new`
  writeFileSync(draft, `${JSON.stringify(told, null, 1)}\n`, { mode: 0o600 })
  sync(draft)
  renameSync(draft, pathOf(folder))
  sync(folder)
}

const SETTING = { log: 'KAFKA_BROKERS', clickhouse: 'CLICKHOUSE_URL (or CLICKHOUSE_URLS)' } as const
const WHAT = { log: 'log', clickhouse: 'ClickHouse' } as const

/** Throws `FOLDER_MOVED`. */
export function requireNotMoved(folder: string, part: MovedPart): void {
  const there = readMoved(folder)[part]
  if (there === undefined) return
  throw new RevwallError(
    'FOLDER_MOVED',
    `The ${WHAT[part]} of ${folder} was moved to ${there.to} at ${there.at}: set ${SETTING[part]} (if the move was broken off, run ` +
      `revwall move once more). ${howToUndo(folder)}`,
  )
}

export function howToUndo(folder: string): string {
  return (
    `To go back to what it was then, stop all on the new place and delete ${pathOf(folder)}: what came since stays there, and ` +
    'has to be sent again by its sources.'
  )
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
}
