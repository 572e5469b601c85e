/** What the source says of itself on the topic `source-health`: the latest of its records is what holds. */
import type { SourceHealth } from '../../../core/contracts/facts.ts'
import type { Told } from '../../../core/contracts/sayings.ts'
import type { EventLog } from '../../../core/log/event-log.ts'
import { isPassingLogError } from '../../../core/log/passing-error.ts'
import type { Clock } from '../../../core/runtime/clock.ts'
import { jsonRecord } from './encode-records.ts'
import { progressKey } from './feed.ts'

export interface HealthReporter {
  /** At most one each `everyMs`, except when the state or the message changes. */
  report(health: Health, everyMs?: number): Promise<void>
}

export interface Health {
  state: SourceHealth['state']
  /** Nothing where the state says all. */
  said?: Told | undefined
  /** CSV lines read, and in all. */
  loaded?: number
  total?: number
  /** Wall clock when the load began. */
  sinceMs?: number
}

export function createHealthReporter(options: {
  log: EventLog
  clock: Clock
  tenant: string
  source: string
}): HealthReporter {
  const { log, clock, tenant, source } = options
  let last: { state: string; message: string; atMs: number } | undefined
  return {
    async report(health, everyMs = 0) {
      const { state, said } = health
      const { message = '', code = '', params = {} } = said ?? {}
      const atMs = clock.now()
      if (last?.state === state && last.message === message && atMs - last.atMs < everyMs) return
      last = { state, message, atMs }
      const event: SourceHealth = {
        type: 'source.health',
        schemaVersion: 1,
        tenant,
        source,
        at: new Date(atMs).toISOString(),
        state,
        loaded: health.loaded ?? null,
        total: health.total ?? null,
        ...rateOf(health, atMs),
        ...{ message, code, params },
      }
      try {
        await log.append('source-health', [jsonRecord(0, progressKey(tenant, source), event)])
      } catch (error) {
        // The feed meets the same log as well, and logs and answers it; a lost health record is made good by the next.
        if (!isPassingLogError(error)) throw error
        last = undefined
      }
    },
  }
}

function rateOf(health: Health, nowMs: number): Pick<SourceHealth, 'perSecond' | 'secondsLeft'> {
  const { loaded = 0, total = 0, sinceMs = nowMs } = health
  const seconds = (nowMs - sinceMs) / 1000
  if (loaded === 0 || seconds <= 0) return { perSecond: null, secondsLeft: null }
  const perSecond = Math.round(loaded / seconds)
  return {
    perSecond,
    secondsLeft: perSecond === 0 ? null : Math.round((10 * Math.max(0, total - loaded)) / perSecond) / 10,
  }
}
