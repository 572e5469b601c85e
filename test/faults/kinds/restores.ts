/** A folder of ClickHouse that is older than the log: what is missing is taken again, and no number differs. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fault, Hit } from '../fault.ts'
import { mendViews } from '../mend-views.ts'
import { whileProcessing } from '../processors.ts'
import type { World } from '../world.ts'

const EVENTS_BEFORE = 40

export const restores: readonly Fault[] = [
  { name: 'the folder of ClickHouse restored from before the last inserts', inject: restoreWarehouse },
]

async function restoreWarehouse(world: World): Promise<Hit> {
  const { host, sales } = world
  const backup = mkdtempSync(join(tmpdir(), 'revwall-faults-backup-'))
  try {
    await whileProcessing(world, async () => {
      await sales.play(EVENTS_BEFORE)
      await world.caughtUp()
    })
    await host.restart(() => cpSync(host.folder, backup, { recursive: true }))
    const before = await world.marks()
    await whileProcessing(world, () => world.settled())
    const lost = sum(await world.marks()) - sum(before)
    await host.restart(() => {
      rmSync(host.folder, { recursive: true })
      cpSync(backup, host.folder, { recursive: true })
    })
    const restoredAt = performance.now()
    if (sum(await world.marks()) !== sum(before)) throw new Error('the restored folder is not the old one')
    await whileProcessing(world, () => world.settled())
    await mendViews(world)
    const where = `less the last ${lost} offsets`
    return { where, recoveredMs: performance.now() - restoredAt }
  } finally {
    rmSync(backup, { recursive: true, force: true })
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)
