/** What a move is to do: what the folder holds and the environment has a place for, less what is moved already. */
import type { Config } from '../../core/runtime/env.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { hasLog } from '../back-up/restored-parts.ts'
import { hasClickhouse } from '../clickhouse-folders.ts'
import { howToUndo, type Moved, type MovedPart, readMoved } from './moved-file.ts'

export interface MovePlan {
  parts: readonly MovedPart[]
  /** What an earlier move took. */
  before: Moved
}

/** Throws `MOVE_NOTHING`, `MOVE_ELSEWHERE`. */
export function planMove(config: Config): MovePlan {
  const { dataFolder, kafka, clickhouse } = config
  if (kafka === undefined && clickhouse === undefined)
    throw new RevwallError(
      'MOVE_NOTHING',
      'Where to? Set KAFKA_BROKERS (for the log), CLICKHOUSE_URL or CLICKHOUSE_URLS (for ClickHouse), or both, as revwall is to be started afterwards.',
    )
  const before = readMoved(dataFolder)
  if (clickhouse !== undefined) requireSameServer(config, before)
  const parts: MovedPart[] = []
  if (kafka !== undefined && hasLog(config)) parts.push('log')
  if (clickhouse !== undefined && hasClickhouse(config)) parts.push('clickhouse')
  if (parts.length === 0) throw nothingThere(config)
  requireBoth(config)
  return { parts: parts.filter((part) => before[part] === undefined), before }
}

/** A log without its tables, or tables without their log, cannot be compared. */
function requireBoth(config: Config): void {
  if (config.kafka === undefined && !hasLog(config)) throw nothingThere(config)
  if (config.clickhouse === undefined && !hasClickhouse(config)) throw nothingThere(config)
}

function requireSameServer({ clickhouse, dataFolder }: Config, { clickhouse: there }: Moved): void {
  if (there === undefined || there.to === clickhouse!.url) return
  throw new RevwallError(
    'MOVE_ELSEWHERE',
    `The ClickHouse of ${dataFolder} was moved to ${there.to} at ${there.at}, not to ${clickhouse!.url}. ${howToUndo(dataFolder)}`,
  )
}

function nothingThere({ dataFolder, kafka, clickhouse }: Config): RevwallError {
  const wanted = [kafka === undefined ? [] : 'log', clickhouse === undefined ? [] : 'clickhouse'].flat()
  return new RevwallError(
    'MOVE_NOTHING',
    `${dataFolder} has no ${wanted.join(' and no ')} to move, or not both of a log and its tables: name the data folder ` +
      '(revwall move DIR, or REVWALL_DATA) that revwall up was run on.',
  )
}
