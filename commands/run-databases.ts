/** Databases of runs that the engine must know of when it starts: who may read what is settled then, once. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { FIRST_RUN, numberOf, runOf } from '../clickhouse/runs/run.ts'
import { errorCode } from '../core/runtime/errors.ts'

/** So many new runs may be opened until the next start; analysts cannot read further ones before it. */
export const RUNS_AHEAD = 8

/** Those in ClickHouse's folder, and the ones that may come. */
export function runDatabases(clickhouseFolder: string): string[] {
  const numbers = filesOf(join(clickhouseFolder, 'store', 'metadata')).flatMap((file) => {
    const [, number] = /^revwall_r(\d{1,6})\.sql$/.exec(file) ?? []
    return number === undefined ? [] : [Number(number)]
  })
  const highest = Math.max(numberOf(FIRST_RUN), ...numbers)
  const ahead = Array.from({ length: RUNS_AHEAD }, (_, i) => highest + 1 + i)
  return [...new Set([numberOf(FIRST_RUN), ...numbers, ...ahead])].map((number) => runOf(number).database)
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    // Before the first start there is none.
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}
