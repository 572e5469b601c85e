/**
 * Looks at the data file before LMDB maps it. LMDB takes an empty file for a new one, and reading a mapped page that
 * a cut-off file lacks kills the process (SIGBUS); so a file that cannot be right is refused here, by plain reads.
 *
 * The format is that of LMDB in lmdb-js 3 (data version 2): two meta pages at the start, the one with the higher
 * transaction is valid. A file may end before its last page when that page is free; page-tree.ts finds out.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { RevwallError } from '../../runtime/errors.ts'
import { lastPageInUse, PAGE_HEADER_BYTES, type Tree } from './page-tree.ts'

const MAGIC = 0xbeefc0de
const DATA_VERSION = 2
const META_FLAG = 0x08
const META_BYTES = 200
const PAGE_BYTES_AT = 24
/** With writers that commit all the time, one attempt in hundreds is disturbed. */
const MAX_ATTEMPTS = 100

interface Meta {
  pageBytes: number
  lastPage: number
  transaction: number
  trees: Tree[]
}

/**
 * Throws `LOG_CORRUPT`. Others may be writing: what looks damaged is believed only when no transaction was committed
 * while it was looked at. The size is taken after the meta pages, since files of LMDB only grow.
 */
export function checkDataFile(path: string): void {
  const fd = openSync(path, 'r')
  try {
    let why: string | undefined
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const before = readMetas(fd)
      why = faultOf(fd, before)
      if (why === undefined) return
      if (before.equals(readMetas(fd))) break
    }
    throw damaged(path, why!)
  } finally {
    closeSync(fd)
  }
}

/** The raw beginning of both meta pages, one after the other; shorter when the file is. */
function readMetas(fd: number): Buffer {
  const first = readAt(fd, 0)
  const pageBytes = first.length < META_BYTES ? 0 : first.readUInt32LE(PAGE_HEADER_BYTES + PAGE_BYTES_AT)
  return pageBytes === 0 ? first : Buffer.concat([first, readAt(fd, pageBytes)])
}

function readAt(fd: number, at: number): Buffer {
  const page = Buffer.alloc(META_BYTES)
  return page.subarray(0, readSync(fd, page, 0, META_BYTES, at))
}

/** Undefined when nothing is wrong. */
function faultOf(fd: number, metas: Buffer): string | undefined {
  const first = parseMeta(metas.subarray(0, META_BYTES))
  if (typeof first === 'string') return first
  const second = parseMeta(metas.subarray(META_BYTES))
  if (typeof second === 'string') return second
  const meta = second.transaction > first.transaction ? second : first
  const { size } = fstatSync(fd)
  if (size >= (meta.lastPage + 1) * meta.pageBytes) return undefined
  const pages = Math.floor(size / meta.pageBytes)
  const needed = lastPageInUse(fd, meta, pages)
  return needed === undefined || needed >= pages ? `it is cut off at ${size} bytes` : undefined
}

/** A text says what is wrong with it. */
function parseMeta(page: Buffer): Meta | string {
  if (page.length < META_BYTES) return 'it is cut off at its beginning'
  const meta = page.subarray(PAGE_HEADER_BYTES)
  const isMeta = (page.readUInt16LE(18) & META_FLAG) !== 0 && meta.readUInt32LE(0) === MAGIC
  if (!isMeta) return 'it is not an LMDB file'
  if ((meta.readUInt32LE(4) & 0xffff) !== DATA_VERSION) return 'it has an unknown LMDB version'
  return {
    pageBytes: meta.readUInt32LE(PAGE_BYTES_AT),
    trees: [readTree(meta, 24), readTree(meta, 72)],
    lastPage: Number(meta.readBigUInt64LE(120)),
    transaction: Number(meta.readBigUInt64LE(128)),
  }
}

function readTree(bytes: Buffer, at: number): Tree {
  return { root: bytes.readBigUInt64LE(at + 40) }
}

function damaged(path: string, why: string): RevwallError {
  const message = `${path} is damaged (${why}): restore the log's folder from a backup. It was not changed.`
  return new RevwallError('LOG_CORRUPT', message)
}
