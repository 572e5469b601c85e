/** A disk of its own for a house's folder, small enough to be filled: a tmpfs, where this machine lets one be mounted. */
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../../../core/runtime/errors.ts'
import { type TemporaryFolder, temporaryFolder } from '../../cli/temporary-folder.ts'

export interface SmallDisk extends TemporaryFolder {
  /** Until nothing goes on it any more, or so much is left; what others free is filled as well, until `free`. */
  fill(leftBytes?: number): void
  free(): void
}

const SIZE = '1g'
const PIECE = Buffer.alloc(2 ** 20)
const AGAIN_MS = 200

/** Mounting takes root. A machine that cannot may skip at a desk what needs it; in CI it fails, by running. */
export function canSkipSmallDisks(): boolean {
  const disk = mountSmallDisk('try')
  disk?.remove()
  return disk === undefined && !process.env.CI
}

/** Undefined where mounting is not allowed. */
export function mountSmallDisk(name: string): SmallDisk | undefined {
  const folder = temporaryFolder(name)
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder.path], {
    stdio: 'ignore',
  })
  if (status !== 0) {
    folder.remove()
    return undefined
  }
  const ballast = join(folder.path, 'ballast')
  let filling: NodeJS.Timeout | undefined
  const free = () => {
    clearInterval(filling)
    filling = undefined
    rmSync(ballast, { force: true })
  }
  return {
    path: folder.path,
    fill: (leftBytes = 0) => {
      clearInterval(filling)
      addTo(ballast, leftBytes)
      filling = setInterval(() => addTo(ballast, leftBytes), AGAIN_MS)
    },
    free,
    remove: () => {
      free()
      // Lazily: a process that is about to end may still have a file open.
      spawnSync('umount', ['-l', folder.path], { stdio: 'ignore' })
      folder.remove()
    },
  }
}

function addTo(path: string, leftBytes: number): void {
  const file = openSync(path, 'a')
  try {
    for (const piece of [PIECE, PIECE.subarray(0, 4_096)])
      while (hasRoom(path, piece.length + leftBytes)) writeSync(file, piece)
  } catch (error) {
    if (errorCode(error) !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}

function hasRoom(path: string, bytes: number): boolean {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize >= bytes
}
