/** What `doctor` asks of the data folder and of the clock. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { readUsers } from '../api/auth/user-file.ts'
import { readWalls } from '../api/walls/wall-file.ts'
import type { Config } from '../core/runtime/env.ts'
import { errorMessage } from '../core/runtime/errors.ts'
import { silentLogger } from '../core/runtime/logger.ts'
import { openLog } from './open-log.ts'
import { logFolder } from './open-warehouse.ts'

const GIB = 2 ** 30
const WANTED_FREE_BYTES = 2 * GIB
const WANTED_FREE_INODES = 10_000
/** Their locks and memory maps are those of one machine only, or none at all. */
const NETWORK_FILE_SYSTEMS = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
])

export function checkDisk({ dataFolder }: Config): string {
  const tried = tryWriting(dataFolder)
  const { bavail, bsize, ffree, files, type } = statfsSync(dataFolder)
  const network = NETWORK_FILE_SYSTEMS.get(type)
  if (network !== undefined)
    throw new Error(`${dataFolder} is on ${network}: set REVWALL_DATA to a folder of a local disk`)
  const free = bavail * bsize
  const text = `${(free / GIB).toFixed(1)} GiB free for ${dataFolder}`
  if (free < WANTED_FREE_BYTES)
    throw new Error(`only ${text}: make room for at least 2 GiB, or set REVWALL_DATA to another disk`)
  // Some file systems make inodes as they go, and say that there are none.
  if (files > 0 && ffree < WANTED_FREE_INODES)
    throw new Error(
      `only ${ffree} inodes are free for ${dataFolder}: remove small files, or set REVWALL_DATA`,
    )
  return `${text}, fsync in ${tried.fsyncMs.toFixed(1)} ms`
}

const TEXT = 'revwall doctor'

/** What every start relies on: a file that is written, on disk, moved over, and read back. */
function tryWriting(folder: string): { fsyncMs: number } {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const path = join(folder, `doctor-${process.pid}`)
    try {
      const file = openSync(`${path}.new`, 'w', 0o600)
      const since = performance.now()
      writeSync(file, TEXT)
      fsyncSync(file)
      const fsyncMs = performance.now() - since
      closeSync(file)
      renameSync(`${path}.new`, path)
      if (readFileSync(path, 'utf8') !== TEXT) throw new Error('what was written is not what is read')
      return { fsyncMs }
    } finally {
      for (const each of [path, `${path}.new`]) rmSync(each, { force: true })
    }
  } catch (error) {
    throw new Error(
      `${folder} cannot be written (${errorMessage(error)}): let this user write there, or set REVWALL_DATA to another folder`,
      { cause: error },
    )
  }
}

/** Read and write for its owner. */
const OWNERS_MODE = 0o600

/** A running api goes on with what it read before, and one that starts refuses to: here is what to mend. */
export function checkUsers({ access }: Config): string {
  const { usersFile, usersWanted } = access
  const users = readUsers(usersFile)
  const add = 'revwall users add NAME --role admin makes one'
  if (users === undefined) {
    if (usersWanted) throw new Error(`${usersFile} is not there, and nobody can log in: ${add}`)
    return 'none: whoever is on this machine may look'
  }
  const mode = statSync(usersFile).mode & 0o777
  if ((mode & ~OWNERS_MODE) !== 0)
    throw new Error(
      `others may read or change ${usersFile} (mode ${mode.toString(8).padStart(4, '0')}): chmod 600 ${usersFile}`,
    )
  if (users.length === 0) throw new Error(`${usersFile} has nobody who can log in: ${add}`)
  return `${users.length}, ${users.filter(({ role }) => role === 'admin').length} of them admins`
}

/** A bad one is passed over by whoever runs: only here is it a fault. */
export function checkWalls({ wallsFile }: Config): string {
  const own = [...readWalls(wallsFile).values()]
  const count = (of: 'walls' | 'playlists') =>
    own.reduce((sum, each) => sum + Object.keys(each[of]).length, 0)
  return own.length === 0 ? 'the built-in one' : `${count('walls')} and ${count('playlists')} playlists`
}

/** No record can be older than the code that is running, nor come from the future. */
const EARLIEST_NOW_MS = Date.UTC(2026, 0, 1)
const MAX_AHEAD_MS = 60_000

/** With the log's newest record, where the log opens. */
export async function checkClock(config: Config, logOpens: boolean): Promise<string> {
  const now = Date.now()
  const fix = 'set the clock (timedatectl set-ntp true)'
  if (now < EARLIEST_NOW_MS) throw new Error(`it is not ${new Date(now).toISOString()}: ${fix}`)
  const newest = logOpens ? await newestRecordMs(config) : undefined
  if (newest !== undefined && newest > now + MAX_AHEAD_MS)
    throw new Error(
      `the log has a record of ${new Date(newest).toISOString()}, later than now (${new Date(now).toISOString()}): ${fix}`,
    )
  return new Date(now).toISOString()
}

async function newestRecordMs(config: Config): Promise<number | undefined> {
  if (!hasLog(config)) return undefined
  const log = await openLog(config, silentLogger)
  try {
    const partitions = Array.from({ length: log.partitions('orders') }, (_, partition) => partition)
    const times = await Promise.all(
      partitions.map(async (partition) => {
        const { first, next } = await log.bounds('orders', partition)
        if (next === first) return 0
        const [last] = await log.read('orders', partition, next - 1, { maxRecords: 1, maxBytes: 1 })
        return last?.appendedAt ?? 0
      }),
    )
    return Math.max(...times)
  } finally {
    await log.close()
  }
}

/** The log's own words say what to do. */
export async function checkLog(config: Config): Promise<string> {
  if (!hasLog(config)) return 'not made yet'
  const log = await openLog(config, silentLogger)
  const partitions = log.partitions('orders')
  await log.close()
  if (config.kafka !== undefined)
    return `${partitions} partitions of orders, on Kafka at ${config.kafka.brokers.join(', ')}`
  const { size } = statSync(join(logFolder(config), 'data.mdb'))
  return `${partitions} partitions of orders, ${(size / GIB).toFixed(2)} GiB`
}

function hasLog(config: Config): boolean {
  return config.kafka !== undefined || existsSync(join(logFolder(config), 'log.json'))
}
