/** What a replay is told, with its defaults, and what it tells in the end. */
import { basename } from 'node:path'
import type { EventLog } from '../../../core/log/event-log.ts'
import type { Clock } from '../../../core/runtime/clock.ts'
import { RevwallError } from '../../../core/runtime/errors.ts'
import type { Logger } from '../../../core/runtime/logger.ts'
import type { FileFacts } from './inspect-file.ts'
import { parseLocalTime } from './local-text.ts'
import type { ReplayStats } from './replay-stats.ts'

export interface ReplayOptions {
  /** A CSV of order lines, plain or named .gz. */
  file: string
  /** Id of the tenant. */
  tenant: string
  /** Default: the file's name, without its endings: `online-retail`. */
  source?: string
  /** Zone of the file's wall times. */
  timeZone: string
  /** Default: GBP. */
  currency?: string
  /** Its topics `orders`, `dead-letters` and `source-health` must be there. */
  log: EventLog
  clock: Clock
  logger: Logger
  /** Event seconds per wall second; default 60. */
  speed?: number
  /** Local wall time, `2011-11-01T00:00`: what is before it is loaded as history. Default: the first eleven months. */
  historyUntil?: string
  /** The file's facts, where the caller began to look at it before; else `run` does. */
  inspected?: Promise<FileFacts>
  /** Everything as fast as it goes, then `run` resolves; a full log is an error then. Default: false. */
  all?: boolean
}

export interface ReplaySummary {
  source: string
  /** `loaded`: all is in the log (`all`); `stopped`: the signal aborted. */
  state: 'loaded' | 'stopped'
  /** Of the file, as far as it was read. */
  stats: ReplayStats
  currency: string
  /** Order events that this run appended. */
  sent: number
  elapsedMs: number
}

export const DEFAULT_SPEED = 60
const MAX_SPEED = 1e9

export type ReplaySettings = Required<Omit<ReplayOptions, 'historyUntil' | 'inspected'>> & {
  inspected?: Promise<FileFacts>
  untilLocalMs: number | undefined
}

/** Errors: `REPLAY_BAD_SPEED`, `REPLAY_BAD_TIME`. */
export function settle(options: ReplayOptions): ReplaySettings {
  const { historyUntil, speed = DEFAULT_SPEED } = options
  if (!(speed > 0 && speed <= MAX_SPEED))
    throw new RevwallError(
      'REPLAY_BAD_SPEED',
      `the speed must be above 0 and at most ${MAX_SPEED}, not ${speed}`,
    )
  const untilLocalMs = historyUntil === undefined ? undefined : parseLocalTime(historyUntil)
  if (historyUntil !== undefined && untilLocalMs === undefined)
    throw new RevwallError('REPLAY_BAD_TIME', `not a local time like 2011-11-01T00:00: ${historyUntil}`)
  const { source = sourceName(options.file), currency = 'GBP', all = false } = options
  return { ...options, source, currency, all, speed, untilLocalMs }
}

/** Lower-case letters, digits and hyphens, as the contract wants a source's name. */
export function sourceName(file: string): string {
  const slug = basename(file)
    .replace(/\.gz$/i, '')
    .replace(/\.csv$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
    .replace(/-+$/, '')
  return slug === '' ? 'replay' : slug
}
