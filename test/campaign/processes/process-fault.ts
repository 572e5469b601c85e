/** What is done to a house of real processes. */
import type { Random } from '../../oracle/random.ts'
import type { ProcessWorld } from './process-world.ts'

export interface ProcessFault {
  name: string
  /** Whether this house has what it strikes. */
  fits(world: ProcessWorld): boolean
  /** Some last longer than the pace says. */
  minHoldMs?: number
  /** Roles may give up while it lasts, and are started again. */
  endsRoles?: boolean
  /**
   * Resolves when it is done, with how to end what lasts. Several may strike at once, so whatever it wants to hit may be gone
   * already. Throws where a promise is broken.
   */
  strike(world: ProcessWorld, random: Random): Promise<() => void | Promise<void>>
}

export const NOTHING_LASTS = () => {}
