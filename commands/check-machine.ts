/** What `doctor` asks of the machine. A check resolves with what it found, or throws with what to do. */
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { totalmem } from 'node:os'
import { findLibrary } from '../clickhouse/engine/find-library.ts'
import type { Config, JudgedConfig } from '../core/runtime/env.ts'
import { folderOwner } from '../core/runtime/lock-folder.ts'
import { PAGE_FOLDER } from './page-folder.ts'

const GIB = 2 ** 30
const gib = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`

/** Names only: values may be secrets. */
export function checkConfig({ faults, given }: JudgedConfig): string {
  if (faults.length > 0)
    throw new Error(`${faults.join('; ')}: put it right or unset it; revwall --help lists all variables`)
  return given.length === 0 ? 'all at their defaults' : `set: ${given.sort().join(', ')}`
}

export function checkNode(): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return process.version
  throw new Error(`${process.version} is too old: install Node 20.19 or newer`)
}

export function checkPage(): string {
  if (existsSync(PAGE_FOLDER)) return 'built'
  throw new Error('the page is not built: run npm run build')
}

export function checkPlatform({ clickhouse }: Config): string {
  const name = `${process.platform}-${process.arch}`
  if (clickhouse !== undefined) return `${name}; no library is needed, CLICKHOUSE_URL is set`
  const library = findLibrary()
  if (process.platform !== 'linux') return `${name}, ${library}`
  const glibc = glibcVersion()
  if (glibc !== undefined) return `${name}, glibc ${glibc}, ${library}`
  throw new Error(`${name} without glibc: use a Debian or Ubuntu image, or set CLICKHOUSE_URL`)
}

function glibcVersion(): string | undefined {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime
}

/** The engine takes 310 MB, a process of ours up to half a GB; the rest is for queries. */
const LEAST_MEMORY_BYTES = 1.5 * GIB
const LARGEST_SHARE = 0.8

export function checkMemory({ clickhouse, clickhouseMemoryBytes }: Config): string {
  const limit = process.constrainedMemory()
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  if (clickhouse !== undefined) return `${gib(total)}; ClickHouse runs elsewhere`
  if (total < LEAST_MEMORY_BYTES)
    throw new Error(`only ${gib(total)}: give it at least ${gib(LEAST_MEMORY_BYTES)}, or set CLICKHOUSE_URL`)
  if (clickhouseMemoryBytes !== undefined && clickhouseMemoryBytes > LARGEST_SHARE * total)
    throw new Error(
      `ClickHouse may take ${gib(clickhouseMemoryBytes)} of ${gib(total)}: set REVWALL_CLICKHOUSE_MEMORY_MB to less than ` +
        `${Math.floor((LARGEST_SHARE * total) / 2 ** 20)}`,
    )
  return gib(total)
}

export function checkPort(config: Config, setting: 'PORT' | 'REVWALL_INGEST_PORT'): Promise<string> {
  const port = setting === 'PORT' ? config.port : config.ingestPort
  if (port === 0) return Promise.resolve('0: a free one is taken')
  if (config.port === config.ingestPort)
    throw new Error(`PORT and REVWALL_INGEST_PORT are both ${port}: set ${setting} to another one`)
  if (folderOwner(config.dataFolder) !== undefined)
    return Promise.resolve('in use by the revwall of this folder')
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) =>
      reject(new Error(`${port} cannot be used (${error.message}): set ${setting} to another one`)),
    )
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(`${port} is free`)))
  })
}
