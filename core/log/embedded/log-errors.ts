import { statfsSync } from 'node:fs'
import { errorMessage, RevwallError } from '../../runtime/errors.ts'

/** `error.code`: the addon sets errno and LMDB numbers, Node names. */
const NO_SPACE = new Set<unknown>([
  28 /* ENOSPC */,
  27 /* EFBIG */,
  122 /* EDQUOT */,
  -30792 /* MDB_MAP_FULL */,
  'ENOSPC',
  'EFBIG',
  'EDQUOT',
])
const BROKEN_FILE = new Set<unknown>([
  -30797 /* MDB_PAGE_NOTFOUND */, -30796 /* MDB_CORRUPTED */, -30794 /* MDB_VERSION_MISMATCH */,
  -30793 /* MDB_INVALID */, -30785 /* MDB_INCOMPATIBLE */, -30779 /* MDB_PROBLEM */,
])
const IO_ERROR = 5

/** Free space below the append's size plus this makes an I/O error of a write a full disk. */
const FULL_DISK_SLACK_BYTES = 1024 * 1024

/**
 * The expected failure behind what LMDB threw, or the error itself when it is a bug. LMDB reports a short write, the
 * first sign of a full disk, as EIO; so the file system is asked.
 */
export function asLogError(error: unknown, folder: string, bytes = 0): unknown {
  const code = (error as { code?: unknown } | null)?.code
  if (error instanceof RevwallError) return error
  if (NO_SPACE.has(code) || (code === IO_ERROR && isDiskFull(folder, bytes))) {
    return new RevwallError(
      'LOG_FULL',
      `No space for the log in ${folder}: free some, nothing was written.`,
      {
        cause: error,
      },
    )
  }
  if (BROKEN_FILE.has(code)) {
    const message = `The log in ${folder} is damaged (${errorMessage(error)}): restore the folder from a backup.`
    return new RevwallError('LOG_CORRUPT', message, { cause: error })
  }
  if (typeof code !== 'number') return error
  return new RevwallError('LOG_IO', `The log in ${folder} failed: ${errorMessage(error)}`, { cause: error })
}

function isDiskFull(folder: string, bytes: number): boolean {
  return freeBytes(folder) < bytes + FULL_DISK_SLACK_BYTES
}

/** Bytes that an ordinary user may still write where the folder lies. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

export function unknownTopic(topic: string): RevwallError {
  return new RevwallError('LOG_UNKNOWN_TOPIC', `The log has no topic ${topic}: call ensureTopic first.`)
}

export function corruptChunk(
  where: { topic: string; partition: number; offset: number },
  why: string,
): RevwallError {
  const { topic, partition, offset } = where
  return new RevwallError('LOG_CORRUPT', `Topic ${topic}, partition ${partition}, offset ${offset}: ${why}.`)
}
