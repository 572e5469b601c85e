/** `log.json`: says that there is a log in the folder, and which. Its absence means that nothing was acknowledged. */
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { RevwallError } from '../../runtime/errors.ts'
import { asLogError } from './log-errors.ts'

const MARKER = 'log.json'
const MARKER_FORMAT = 1

/** The incarnation; undefined when there is no marker. Throws `LOG_CORRUPT`. */
export function readMarker(folder: string): string | undefined {
  const path = join(folder, MARKER)
  if (!existsSync(path)) return undefined
  try {
    const { format, incarnation } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    if (format === MARKER_FORMAT && typeof incarnation === 'string') return incarnation
  } catch (cause) {
    throw new RevwallError('LOG_CORRUPT', `${path} does not parse: restore the log's folder from a backup.`, {
      cause,
    })
  }
  throw new RevwallError('LOG_CORRUPT', `${path} is of another version of revwall: use that one.`)
}

/** Renamed into place when its content is on disk; then the names are, the folder's own too. */
export function writeMarker(folder: string, incarnation: string): void {
  const temporary = join(folder, `${MARKER}.${randomUUID()}`)
  try {
    const fd = openSync(temporary, 'w')
    writeFileSync(fd, `${JSON.stringify({ format: MARKER_FORMAT, incarnation })}\n`)
    fsyncSync(fd)
    closeSync(fd)
    renameSync(temporary, join(folder, MARKER))
    syncFolder(folder)
    syncFolder(dirname(folder))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw asLogError(error, folder)
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  fsyncSync(fd)
  closeSync(fd)
}
