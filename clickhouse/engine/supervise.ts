import type { Clock } from '../../core/runtime/clock.ts'
import { errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { lastLines } from './last-lines.ts'
import type { Life } from './launch-server.ts'

/** A life, or an attempt at one, that is shorter counts as a quick failure. */
const QUICK_MS = 10_000
/** Before the first, second, … attempt in a row. When they are used up the supervisor gives up. */
const DELAYS_MS = [0, 100, 300, 1_000, 3_000]

export interface SuperviseOptions {
  first: Life
  launch: (signal: AbortSignal) => Promise<Life>
  /** Aborted when the end of the server is wanted. */
  signal: AbortSignal
  clock: Clock
  logger: Logger
  onDown: (reason: string) => void
  onUp: (life: Life) => void
  onGiveUp: (error: RevwallError) => void
}

/** Starts the server again whenever it ends unasked. Resolves when it was stopped or given up. */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const { signal, logger, clock } = options
  let life: Life | undefined = options.first
  let failures = 0
  while (life) {
    const since = performance.now()
    const reason = await life.process.exited
    if (signal.aborted) return
    failures = performance.now() - since < QUICK_MS ? failures + 1 : 1
    logger.error('clickhouse ended', { reason, pid: life.process.pid, output: lastLines(life.outputFile, 5) })
    options.onDown(reason)
    ;({ life, failures } = await revive(options, failures, reason, clock))
    if (life) options.onUp(life)
    // Whoever stops it ends this life too: it has just been told of it.
    if (signal.aborted) return
  }
}

interface Revival {
  life: Life | undefined
  failures: number
}

async function revive(options: SuperviseOptions, from: number, why: string, clock: Clock): Promise<Revival> {
  let reason = why
  let failures = from
  for (; failures <= DELAYS_MS.length; failures++) {
    await clock.sleep(DELAYS_MS[failures - 1]!, options.signal)
    if (options.signal.aborted) return { life: undefined, failures }
    try {
      return { life: await options.launch(options.signal), failures }
    } catch (error) {
      if (options.signal.aborted) return { life: undefined, failures }
      reason = errorMessage(error)
      options.logger.error('clickhouse did not come back', { attempt: failures, error: reason })
    }
  }
  const message = `ClickHouse failed ${failures} times in a row and is not started again: ${reason}`
  options.onGiveUp(new RevwallError('ENGINE_GAVE_UP', message))
  return { life: undefined, failures }
}
