/** Records that ClickHouse refused: what became of them, and how they get in once the cause is gone. */
import type { DeadLetter } from '../../core/contracts/dead-letters.ts'
import { orderKey } from '../../core/contracts/order.ts'
import { readDeadLetters } from '../oracle/check-dead-letters.ts'
import type { World } from './world.ts'

export async function refusedLetters({ log }: World): Promise<DeadLetter[]> {
  return (await readDeadLetters(log)).filter(({ reason }) => reason === 'refused')
}

/** Once more to the end of the log, in their order, as a person would after the repair. */
export async function sendAgain(world: World, letters: readonly DeadLetter[]): Promise<void> {
  const values = letters.map(({ payload, encoding }) => Buffer.from(payload, encoding))
  await world.sales.append(values.map((value) => ({ key: keyOf(value), value, due: 0 })))
  // They stay among the letters: the oracle has to know of them.
  world.letters.push(...values.map((value) => ({ value, reason: 'refused' as const })))
}

function keyOf(value: Buffer): string {
  return orderKey(JSON.parse(value.toString('utf8')) as Parameters<typeof orderKey>[0])
}
