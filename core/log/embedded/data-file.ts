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

interface Meta {
  pageBytes: number
  lastPage: number
  transaction: number
  trees: Tree[]
}

/** Throws `LOG_CORRUPT`. */
export function checkDataFile(path: string): void {
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    const first = readMeta(fd, 0, path)
    const second = readMeta(fd, first.pageBytes, path)
    const meta = second.transaction > first.transaction ? second : first
    if (size >= (meta.lastPage + 1) * meta.pageBytes) return
    const pages = Math.floor(size / meta.pageBytes)
    const needed = lastPageInUse(fd, meta, pages)
    if (needed === undefined || needed >= pages) throw damaged(path, `it is cut off at ${size} bytes`)
  } finally {
    closeSync(fd)
  }
}

function readMeta(fd: number, at: number, path: string): Meta {
  const page = Buffer.alloc(META_BYTES)
  if (readSync(fd, page, 0, META_BYTES, at) < META_BYTES)
    throw damaged(path, 'it is cut off at its beginning')
  const meta = page.subarray(PAGE_HEADER_BYTES)
  const isMeta = (page.readUInt16LE(18) & META_FLAG) !== 0 && meta.readUInt32LE(0) === MAGIC
  if (!isMeta) throw damaged(path, 'it is not an LMDB file')
  if ((meta.readUInt32LE(4) & 0xffff) !== DATA_VERSION) throw damaged(path, 'it has an unknown LMDB version')
  return {
    pageBytes: meta.readUInt32LE(24),
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
