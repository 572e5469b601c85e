/** All faults that a round may choose from, by name, and the order in which a house meets them. */
import type { Random } from '../../oracle/random.ts'
import { CLICKHOUSE_FAULTS } from './kinds/clickhouse.ts'
import { LOG_FAULTS } from './kinds/log.ts'
import { MACHINE_FAULTS } from './kinds/machine.ts'
import { ROLE_FAULTS } from './kinds/roles.ts'
import { VERSION_FAULTS } from './kinds/versions.ts'
import type { ProcessFault } from './process-fault.ts'
import type { ProcessWorld } from './process-world.ts'

export const FAULTS: readonly ProcessFault[] = [
  ...ROLE_FAULTS,
  ...CLICKHOUSE_FAULTS,
  ...LOG_FAULTS,
  ...MACHINE_FAULTS,
  ...VERSION_FAULTS,
]

/** Of one round. */
const COUNTS = [1, 1, 2, 2, 3]

/**
 * A house's faults, drawn without putting them back: so each strikes early, and none again before all others that fit. What
 * is drawn follows from the seed alone.
 */
export class Deck {
  readonly #random: Random
  #left: ProcessFault[] = []

  constructor(random: Random) {
    this.#random = random
  }

  /** One, two or three for a round, each of them once. */
  draw(world: ProcessWorld): ProcessFault[] {
    const drawn: ProcessFault[] = []
    for (let count = this.#random.pick(COUNTS); count > 0; count--) {
      const fault = this.#take(world, drawn) ?? this.#shuffled().#take(world, drawn)
      if (fault !== undefined) drawn.push(fault)
    }
    return drawn
  }

  /** What does not fit yet stays. */
  #take(world: ProcessWorld, drawn: readonly ProcessFault[]): ProcessFault | undefined {
    const at = this.#left.findIndex((fault) => fault.fits(world) && !drawn.includes(fault))
    return at < 0 ? undefined : this.#left.splice(at, 1)[0]
  }

  #shuffled(): this {
    const left = [...FAULTS]
    this.#left = []
    while (left.length > 0) this.#left.push(left.splice(this.#random.int(0, left.length - 1), 1)[0]!)
    return this
  }
}

export function faultNamed(name: string): ProcessFault {
  const found = FAULTS.find((fault) => fault.name === name)
  if (found === undefined)
    throw new Error(
      `there is no fault "${name}", only:\n${FAULTS.map((fault) => `  ${fault.name}`).join('\n')}`,
    )
  return found
}
