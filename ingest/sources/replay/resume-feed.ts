/** Opens the feed where the log says that this source stopped, after making sure that it is the same file. */
import { RevwallError } from '../../../core/runtime/errors.ts'
import { createFeed, type Feed, progressKey } from './feed.ts'
import type { FileFacts } from './inspect-file.ts'
import { type Position, shortName } from './position.ts'
import { readPosition } from './read-position.ts'
import type { ReplaySettings } from './replay-options.ts'

/** Errors: `REPLAY_CHANGED`, `REPLAY_BAD_POSITION`. */
export async function resumeFeed(settings: ReplaySettings, file: FileFacts): Promise<Feed> {
  const { log, clock, logger, tenant, source, speed } = settings
  const found = await readPosition(log, 'orders', progressKey(tenant, source))
  if (found !== undefined) refuseOtherFile(settings, file, found.position)
  if (
    found !== undefined &&
    settings.untilLocalMs !== undefined &&
    settings.untilLocalMs !== found.position.untilLocalMs
  )
    logger.warn('the replay began with another end of its history, which still holds', { source })
  const position = found?.position ?? freshPosition(settings, file)
  const upToMs = found?.upToMs
  return createFeed({ log, clock, logger, tenant, source, speed, position, upToMs, patient: !settings.all })
}

function freshPosition(settings: ReplaySettings, file: FileFacts): Position {
  return {
    fileName: file.name,
    fileHash: file.hash,
    timeZone: settings.timeZone,
    untilLocalMs: settings.untilLocalMs ?? 0,
    judgedAtMs: settings.clock.now(),
    pass: 1,
    next: 0,
    letters: 0,
  }
}

/** A position in one file means nothing in another, and orders of both under one source would replace each other. */
function refuseOtherFile(settings: ReplaySettings, file: FileFacts, position: Position): void {
  const changed =
    position.fileHash !== file.hash
      ? `${shortName(file.name)} is not the file that it began with (${position.fileName}, SHA-256 ${position.fileHash}…)`
      : position.timeZone !== settings.timeZone
        ? `it began with the time zone ${position.timeZone}, not ${settings.timeZone}`
        : undefined
  if (changed === undefined) return
  throw new RevwallError(
    'REPLAY_CHANGED',
    `the source ${settings.source} cannot go on: ${changed}. Give it back, take another data folder, or name another source`,
  )
}
