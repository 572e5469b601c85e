/** kill -9 between what was sent and its row: sent again, with the same id, and noted once. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { IS_TEST_LOG_ON_KAFKA } from '../../core/log/testing/open-test-log.ts'
import { waitUntil } from '../../test/cli/wait-until.ts'
import type { WebhookEndpoint } from './endpoint-file.ts'
import type { DeliverPlan } from './testing/deliver-process.ts'
import { type DeliveryBed, openDeliveryBed } from './testing/delivery-bed.ts'
import { type Receiver, startReceiver } from './testing/start-receiver.ts'

const PROGRAM = fileURLToPath(new URL('./testing/deliver-process.ts', import.meta.url))
let bed: DeliveryBed
let receiver: Receiver
beforeAll(async () => {
  bed = await openDeliveryBed()
  receiver = await startReceiver()
})
afterAll(async () => {
  await receiver?.close()
  await bed?.stop()
})

function startProcess(isHeld: boolean) {
  const { url, user, password } = bed.db.engine
  const plan: DeliverPlan = {
    ...{ login: { url, user, password }, logFolder: join(bed.folder, 'log'), path: bed.path, isHeld },
  }
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = once(child, 'close')
  return {
    sent: () => waitUntil('something sent', 30_000, () => said.includes('sent\n')),
    end: async (signal: 'SIGKILL' | 'SIGTERM') => {
      child.kill(signal)
      await ended
    },
  }
}

it.skipIf(IS_TEST_LOG_ON_KAFKA)('loses nothing, and sends again what has no row', async () => {
  const endpoint = await bed.add({ url: receiver.url } as Partial<WebhookEndpoint>)
  for (const id of ['k1', 'k2', 'k3']) await bed.alert('acme', id)
  for (let kills = 0; kills < 2; kills++) {
    const held = startProcess(true)
    await held.sent()
    await held.end('SIGKILL')
    expect(await bed.rows(endpoint.id)).toEqual([])
  }
  const last = startProcess(false)
  await waitUntil('all rows', 30_000, async () => (await bed.rows(endpoint.id)).length === 3)
  await last.end('SIGTERM')
  const rows = await bed.rows(endpoint.id)
  expect(rows.map(({ attempt, status }) => `${attempt} ${status}`)).toEqual(Array(3).fill('1 delivered'))
  const ids = receiver.ids()
  expect(ids.length).toBeGreaterThanOrEqual(5)
  expect([...new Set(ids)].sort()).toEqual(rows.map(({ message_id }) => message_id))
})
