/** What must be ended, in the opposite order of its start. A step that fails or hangs does not keep the others. */
import { errorMessage } from '../core/runtime/errors.ts'
import type { Logger } from '../core/runtime/logger.ts'

/** Longer than any step should take: ClickHouse's own stop is bounded by 10 s. */
const STEP_TIMEOUT_MS = 15_000

export interface CleanUp {
  add(what: string, end: () => Promise<void>): void
  run(): Promise<void>
}

export function cleanUp(logger: Logger): CleanUp {
  const steps: { what: string; end: () => Promise<void> }[] = []
  return {
    add: (what, end) => void steps.push({ what, end }),
    run: async () => {
      for (const { what, end } of steps.toReversed()) {
        try {
          await withTimeout(end(), what)
        } catch (error) {
          logger.error(`${what} did not end well`, { why: errorMessage(error) })
        }
      }
    },
  }
}

async function withTimeout(ending: Promise<void>, what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} takes longer than ${STEP_TIMEOUT_MS / 1_000} s`)),
      STEP_TIMEOUT_MS,
    )
  })
  await Promise.race([ending, late]).finally(() => clearTimeout(timer))
}
