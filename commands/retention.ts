/** The log is kept to its age and size by whoever runs processors. */
import type { Warehouse } from '../clickhouse/warehouse.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { systemClock } from '../core/runtime/clock.ts'
import type { Config } from '../core/runtime/env.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { keepLog } from '../processors/retention/keep-log.ts'
import type { CleanUp } from './clean-up.ts'

export interface RetentionParts {
  config: Config
  warehouse: Warehouse
  log: EventLog
  logger: Logger
  steps: CleanUp
}

export function startRetention({ config, warehouse, log, logger, steps }: RetentionParts): void {
  const stopping = new AbortController()
  const { logMaxAgeMs: maxAgeMs, logMaxBytes: maxBytes } = config
  const ports = { warehouse, log, logger, clock: systemClock, signal: stopping.signal }
  const keeping = keepLog({ ...ports, maxAgeMs, maxBytes }).catch((error) => {
    logger.error('the log is not trimmed any more', { error })
  })
  steps.add('the retention', () => {
    stopping.abort()
    return keeping
  })
}
