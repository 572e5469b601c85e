/** All faults that a round may choose from, by name. */
import type { Random } from '../../oracle/random.ts'
import { CLICKHOUSE_FAULTS } from './kinds/clickhouse.ts'
import { LOG_FAULTS } from './kinds/log.ts'
import { MACHINE_FAULTS } from './kinds/machine.ts'
import { ROLE_FAULTS } from './kinds/roles.ts'
import type { ProcessFault } from './process-fault.ts'
import type { ProcessWorld } from './process-world.ts'

export const FAULTS: readonly ProcessFault[] = [
  ...ROLE_FAULTS,
  ...CLICKHOUSE_FAULTS,
  ...LOG_FAULTS,
  ...MACHINE_FAULTS,
]

/** One, often two, seldom three; each of them once. */
export function chooseFaults(world: ProcessWorld, random: Random): ProcessFault[] {
  const possible = FAULTS.filter(({ fits }) => fits(world))
  const chosen: ProcessFault[] = []
  const count = random.pick([1, 1, 1, 2, 2, 3])
  while (chosen.length < Math.min(count, possible.length)) {
    const fault = random.pick(possible)
    if (!chosen.includes(fault)) chosen.push(fault)
  }
  return chosen
}

export function faultNamed(name: string): ProcessFault {
  const found = FAULTS.find((fault) => fault.name === name)
  if (found === undefined)
    throw new Error(
      `there is no fault "${name}", only:\n${FAULTS.map((fault) => `  ${fault.name}`).join('\n')}`,
    )
  return found
}
