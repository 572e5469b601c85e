/**
 * What delivers, as a process of its own that can be killed. Its only argument is a DeliverPlan as JSON. It says `sent` when
 * something was sent, and with `isHeld` goes no further; it ends in good order on SIGTERM.
 */
import { writeSync } from 'node:fs'
import { Registry } from 'prom-client'
import { connectWarehouse, type WarehouseLogin } from '../../../clickhouse/connect-warehouse.ts'
import { openEmbeddedLog } from '../../../core/log/embedded/open-embedded-log.ts'
import { systemClock } from '../../../core/runtime/clock.ts'
import { silentLogger } from '../../../core/runtime/logger.ts'
import { deliverEvents } from '../deliver-events.ts'
import { createSender } from '../send-request.ts'

export interface DeliverPlan {
  login: WarehouseLogin
  logFolder: string
  path: string
  isHeld: boolean
}

const plan = JSON.parse(process.argv[2] ?? '') as DeliverPlan
const ending = new AbortController()
process.once('SIGTERM', () => ending.abort())
const log = await openEmbeddedLog({ folder: plan.logFolder })
const warehouse = connectWarehouse(plan.login)
await deliverEvents({
  ...{ warehouse, log, clock: systemClock, random: Math.random, logger: silentLogger, path: plan.path },
  ...{ send: createSender({ allowPrivate: true }), tenants: ['acme'], registry: new Registry() },
  signal: ending.signal,
  afterSend: async () => {
    // Not `console.log`: what a pipe still holds back in this process would die with it.
    writeSync(1, 'sent\n')
    if (plan.isHeld) await new Promise(() => {})
  },
})
await log.close()
await warehouse.close()
