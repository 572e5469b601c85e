/** The example as somebody would start it, and a real delivery to it. */
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { WebhookEndpoint } from '../../processors/delivery/endpoint-file.ts'
import { createSecret, webhookHeaders } from '../../processors/delivery/sign-webhook.ts'
import { type DeliveryBed, openDeliveryBed } from '../../processors/delivery/testing/delivery-bed.ts'
import { waitUntil } from '../../test/cli/wait-until.ts'

const PROGRAM = fileURLToPath(new URL('./consumer.mjs', import.meta.url))
const secret = createSecret()
let bed: DeliveryBed
const ends: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  bed = await openDeliveryBed()
})
afterAll(async () => {
  await Promise.all(ends.map((end) => end()))
  await bed?.stop()
})

async function startConsumer() {
  const env = { ...process.env, WEBHOOK_SECRET: secret, PORT: '0', SEEN_FILE: join(bed.folder, 'seen.txt') }
  const child = spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trim().split('\n')))
  const ended = new Promise((end) => child.once('close', end))
  const end = () => {
    child.kill('SIGTERM')
    return ended
  }
  ends.push(end)
  const port = await waitUntil('the consumer', 10_000, () => /listening on (\d+)/.exec(lines.join(' '))?.[1])
  return {
    url: `http://127.0.0.1:${port}/`,
    taken: () => lines.slice(1).map((line) => JSON.parse(line)),
    end,
  }
}

it('takes a real delivery once, and nothing that is forged, altered or old', async () => {
  const first = await startConsumer()
  const endpoint = (await bed.add({
    url: first.url,
    secrets: [{ secret, expiresAt: null }],
  } as Partial<WebhookEndpoint>)) as WebhookEndpoint
  const running = bed.start()
  await bed.alert('acme', 'e1')
  await waitUntil('the alert', 10_000, () => first.taken().length === 1)
  expect(first.taken()).toEqual([{ type: 'revwall.alert.v1', id: 'e1', title: 'Unusual order e1' }])
  const { message_id: id, status } = await waitUntil(
    'its row',
    10_000,
    async () => (await bed.rows(endpoint.id))[0],
  )
  expect(status).toBe('delivered')
  await running.stop()
  await first.end()

  const again = await startConsumer()
  const body = Buffer.from('{"type":"revwall.alert.v1","id":"e2","data":{}}')
  const post = async (signed: Parameters<typeof webhookHeaders>[0], sent = body) =>
    (await fetch(again.url, { method: 'POST', headers: webhookHeaders(signed), body: sent })).status
  const now = Date.now()
  const signed = { id: 'msg_x', atMs: now, body, secrets: [secret] }
  expect(await post({ ...signed, secrets: [createSecret()] })).toBe(401)
  expect(await post(signed, Buffer.from('{}'))).toBe(401)
  expect(await post({ ...signed, atMs: now - 600_000 })).toBe(401)
  expect((await fetch(again.url, { method: 'POST', body })).status).toBe(401)
  expect(again.taken()).toEqual([])
  // What it took before it was started anew it does not take again.
  expect(await post({ ...signed, id })).toBe(204)
  expect(again.taken()).toEqual([])
  expect(await post({ ...signed, secrets: [createSecret(), secret] })).toBe(204)
  await waitUntil('the new one', 5_000, () => again.taken().length === 1)
  expect(again.taken()).toMatchObject([{ id: 'e2' }])
})

it('does not begin without a secret, with which anybody could sign', () => {
  for (const WEBHOOK_SECRET of ['', 'whsec_', `${secret} `]) {
    const env = { ...process.env, WEBHOOK_SECRET, PORT: '0' }
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM], {
      env,
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('WEBHOOK_SECRET is wanted'),
    })
  }
})
