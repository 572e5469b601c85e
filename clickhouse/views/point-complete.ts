/** A view may be read when it is complete, and of several servers at each of them. */
import { RevwallError } from '../../core/runtime/errors.ts'
import { shardsOf } from '../shards.ts'
import { readViewTable } from './read-view-table.ts'
import { type PointerScope, pointView } from './view-pointers.ts'
import { isComplete, readStep } from './view-steps.ts'

/** As `pointView`, by hand: what points there may be any table. Throws VIEW_MISSING, VIEW_UNFILLED. */
export async function pointComplete(scope: PointerScope & { name: string }, logical: string): Promise<void> {
  const { warehouse, database, name } = scope
  for (const [index, server] of shardsOf(warehouse).entries()) {
    await readViewTable(server, database, name)
    const step = await readStep({ warehouse: server, database, name })
    if (!isComplete(step)) throw unfilled(name, index, step!.step)
  }
  await pointView(scope, logical)
}

function unfilled(name: string, index: number, step: string): RevwallError {
  const where = index === 0 ? name : `${name}@${index}`
  return new RevwallError(
    'VIEW_UNFILLED',
    step === 'dropped'
      ? `${where} is being dropped; finish that with: revwall views drop ${name}`
      : `${where} is not filled yet (${step}); finish that with: revwall migrate`,
  )
}
