/** `backup.json`: what a backup holds. Written last, so that a folder without it is no backup. */
import { createHash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { errorMessage, RevwallError } from '../../core/runtime/errors.ts'

/** 2: of several servers. */
const FORMAT = 2
const MANIFEST = 'backup.json'
const MAX_FAULTS_TOLD = 5

const offset = z.int()
const manifest = z.object({
  format: z.int().min(1).max(FORMAT),
  /** Of the revwall that made it. */
  version: z.string(),
  /** When it was begun, ISO. */
  at: z.string(),
  /** How many ClickHouse servers, whose parts are `clickhouse`, `clickhouse-1`, …, in this order. */
  shards: z.int().min(1).default(1),
  databases: z.array(z.string()),
  /** Of the run that is farthest; a revwall that does not know it is too old. */
  newestMigration: z.int(),
  /** Last offset of each partition of orders that ClickHouse had when it was begun: it has these at least. */
  marks: z.array(
    z.object({ server: z.int().default(0), database: z.string(), partition: offset, last: offset }),
  ),
  /** `incarnation` as in the marks; `next` before the log was copied, and after ClickHouse was. */
  log: z.object({
    kind: z.enum(['embedded', 'kafka']),
    incarnation: z.string(),
    bounds: z.array(z.object({ partition: offset, first: offset, next: offset })),
  }),
  /** How far ClickHouse had facts and letters when it was begun: what came later is taken again. */
  positions: z.array(z.object({ group: z.string(), topic: z.string(), partition: offset, next: offset })),
  files: z.array(z.object({ path: z.string(), bytes: z.int(), sha256: z.string() })),
})
export type Manifest = z.infer<typeof manifest>

/** Hashes every file of the folder, brings all of it to the disk, and then says so. */
export async function writeManifest(
  folder: string,
  told: Omit<Manifest, 'format' | 'files'>,
  onFile: (bytes: number) => void,
): Promise<Manifest> {
  const files = []
  for (const path of filesIn(folder)) {
    sync(path)
    const { size } = statSync(path)
    files.push({ path: relative(folder, path), bytes: size, sha256: await hashOf(path) })
    onFile(size)
  }
  const whole: Manifest = { format: FORMAT, ...told, files }
  const draft = join(folder, `${MANIFEST}.new`)
  writeFileSync(draft, `${JSON.stringify(whole, null, 1)}\n`, { mode: 0o600 })
  sync(draft)
  renameSync(draft, join(folder, MANIFEST))
  sync(folder)
  return whole
}

/** Throws `BACKUP_UNKNOWN` (no whole backup), `BACKUP_NEWER`. */
export function readManifest(folder: string): Manifest {
  const path = join(folder, MANIFEST)
  if (!existsSync(path))
    throw new RevwallError(
      'BACKUP_UNKNOWN',
      `${folder} has no ${MANIFEST}: it is no backup, or none that was finished.`,
    )
  let told: unknown
  try {
    told = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new RevwallError('BACKUP_UNKNOWN', `${path} does not parse: ${errorMessage(cause)}`, { cause })
  }
  const format = (told as { format?: unknown } | null)?.format
  if (typeof format === 'number' && format > FORMAT)
    throw new RevwallError(
      'BACKUP_NEWER',
      `${path} is of a newer revwall (format ${format}): install that one.`,
    )
  const { success, data, error } = manifest.safeParse(told)
  if (!success) throw new RevwallError('BACKUP_UNKNOWN', `${path} is not understood: ${error.message}`)
  return data
}

/** Reads every file again. Throws `BACKUP_DAMAGED` that names what is missing, changed or too much. */
export async function checkFiles(
  folder: string,
  { files }: Manifest,
  onFile: (bytes: number) => void,
): Promise<void> {
  const faults: string[] = []
  for (const { path, bytes, sha256 } of files) {
    const full = join(folder, path)
    const size = statSync(full, { throwIfNoEntry: false })?.size
    if (size === undefined) faults.push(`${path} is missing`)
    else if (size !== bytes) faults.push(`${path} has ${size} bytes, not ${bytes}`)
    else if ((await hashOf(full)) !== sha256) faults.push(`${path} was changed`)
    onFile(bytes)
  }
  const known = new Set([...files.map(({ path }) => path), MANIFEST])
  for (const path of filesIn(folder))
    if (!known.has(relative(folder, path))) faults.push(`${relative(folder, path)} is none of its files`)
  if (faults.length === 0) return
  const more = faults.length > MAX_FAULTS_TOLD ? ` and ${faults.length - MAX_FAULTS_TOLD} more` : ''
  throw new RevwallError(
    'BACKUP_DAMAGED',
    `${folder} is not what was written: ${faults.slice(0, MAX_FAULTS_TOLD).join('; ')}${more}. Take another backup.`,
  )
}

/** Sorted, so that two manifests can be compared. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
