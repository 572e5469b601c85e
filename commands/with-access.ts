import { type Access, openAccess } from '../api/auth/access.ts'
import { type Clock, systemClock } from '../core/runtime/clock.ts'
import type { CommandContext } from './command.ts'

/** What a running revwall sees at once: it is the same store. */
export async function withAccess(
  { config, logger }: CommandContext,
  work: (context: { access: Access; clock: Clock }) => number,
): Promise<number> {
  const access = openAccess({
    ...{ ...config.access, dataFolder: config.dataFolder },
    ...{ clock: systemClock, logger },
  })
  try {
    return work({ access, clock: systemClock })
  } finally {
    await access.close()
  }
}
