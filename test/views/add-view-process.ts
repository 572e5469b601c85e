/**
 * Adds a view as a process of its own, which may kill itself at one place. Its only argument is an AddViewPlan as JSON;
 * it prints what addView resolves with.
 */
import { writeSync } from 'node:fs'
import { connectWarehouse, type WarehouseLogin } from '../../clickhouse/connect-warehouse.ts'
import { addView, type FillStep } from '../../clickhouse/views/add-view.ts'
import { systemClock } from '../../core/runtime/clock.ts'

export interface AddViewPlan {
  login: WarehouseLogin
  database: string
  run: string
  view: { name: string; logical: string; createTable: string; createView: string }
  chunkRows: number
  kill?: { step: FillStep; nth: number; afterMs?: number }
}

const plan = JSON.parse(process.argv[2] ?? '') as AddViewPlan
const warehouse = connectWarehouse(plan.login)
let seen = 0

const added = await addView({
  ...{ warehouse, database: plan.database, run: plan.run, clock: systemClock, random: Math.random },
  ...plan.view,
  chunkRows: plan.chunkRows,
  onStep: (step) => {
    if (step !== plan.kill?.step) return
    seen += 1
    if (seen !== plan.kill.nth) return
    if (plan.kill.afterMs === undefined) process.kill(process.pid, 'SIGKILL')
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), plan.kill.afterMs)
  },
})
writeSync(1, JSON.stringify(added))
await warehouse.close()
