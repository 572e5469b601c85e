/** `revwall doctor`: is this machine fit to run revwall? Each failure says what to do. */
import { existsSync, mkdirSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { findLibrary } from '../clickhouse/engine/find-library.ts'
import type { Config } from '../core/runtime/env.ts'
import { errorMessage } from '../core/runtime/errors.ts'
import { folderOwner } from '../core/runtime/lock-folder.ts'
import type { Logger } from '../core/runtime/logger.ts'
import type { Command } from './command.ts'
import { PAGE_FOLDER } from './house.ts'
import { openWarehouse } from './open-warehouse.ts'
import { parseOptions } from './parse-options.ts'
import { prepare, publish } from './start-warehouse.ts'

export const doctor: Command = {
  help: `Usage: revwall doctor

Checks what revwall needs, one line each, and says what to do about what fails. Exits with 1 if something does. It starts
the embedded ClickHouse for a moment unless \`up\` is running on the same folder.`,
  run: async ({ config, logger, args, print }) => {
    parseOptions(args, {})
    const checks: [string, () => string | Promise<string>][] = [
      ['node', checkNode],
      ['page', checkPage],
      ['disk', () => checkDisk(config)],
      ['port', () => checkPort(config)],
      ['clickhouse library', () => (config.clickhouse ? 'not needed: CLICKHOUSE_URL is set' : findLibrary())],
      ['clickhouse and guard', () => checkWarehouse(config, logger)],
    ]
    let failed = 0
    for (const [what, check] of checks) {
      try {
        print(`ok    ${what}: ${await check()}`)
      } catch (error) {
        failed += 1
        print(`FAIL  ${what}: ${errorMessage(error)}`)
      }
    }
    print(failed === 0 ? 'all is well' : `${failed} of ${checks.length} checks failed`)
    return failed === 0 ? 0 : 1
  },
}

function checkNode(): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19))
    return `${process.version} on ${process.platform}-${process.arch}`
  throw new Error(`${process.version} is too old: install Node 20.19 or newer`)
}

function checkPage(): string {
  if (existsSync(PAGE_FOLDER)) return 'built'
  throw new Error('the page is not built: run npm run build')
}

const WANTED_FREE_BYTES = 2 * 2 ** 30

function checkDisk({ dataFolder }: Config): string {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  const { bavail, bsize } = statfsSync(dataFolder)
  const free = bavail * bsize
  const text = `${(free / 2 ** 30).toFixed(1)} GiB free for ${dataFolder}`
  if (free >= WANTED_FREE_BYTES) return text
  throw new Error(`only ${text}: make room for at least 2 GiB, or set REVWALL_DATA to another disk`)
}

function checkPort({ port, dataFolder }: Config): Promise<string> {
  if (folderOwner(dataFolder) !== undefined) return Promise.resolve('in use by the revwall of this folder')
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) =>
      reject(new Error(`${port} cannot be used (${error.message}): set PORT to another one`)),
    )
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(`${port} is free`)))
  })
}

async function checkWarehouse(config: Config, logger: Logger): Promise<string> {
  const open = await openWarehouse(config, logger, 'program')
  try {
    await prepare(open.warehouse, logger)
    await publish(open.warehouse)
    const [row] = await open.warehouse.query<{ version: string }>('SELECT version() AS version')
    return `${row!.version} at ${open.url}; migrated, and the guard refuses what it must`
  } finally {
    await open.close()
  }
}
