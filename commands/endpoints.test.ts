import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../core/runtime/clock.ts'
import { readConfig } from '../core/runtime/env.ts'
import { silentLogger } from '../core/runtime/logger.ts'
import {
  endpointFilePath,
  openSecrets,
  readEndpoints,
  type WebhookEndpoint,
} from '../processors/delivery/endpoint-file.ts'
import { createSender } from '../processors/delivery/send-request.ts'
import { answer, type Receiver, startReceiver } from '../processors/delivery/testing/start-receiver.ts'
import type { CommandContext } from './command.ts'
import { deliveries } from './deliveries.ts'
import { endpointsCommand } from './endpoints.ts'

let folder: string
let receiver: Receiver
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'revwall-endpoints-'))
  receiver = await startReceiver()
})
afterEach(async () => {
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

const TOKEN = 'xoxb-0123456789-secret'
const TENANT = ['--tenant', 'online-retail']
const endpoints = endpointsCommand({
  clock: systemClock,
  send: ({ delivery }) => createSender(delivery),
  askToken: async () => TOKEN,
})

async function run(args: string[], { code = 0, command = endpoints, env = {} } = {}): Promise<string> {
  const printed: string[] = []
  const context = {
    config: readConfig({ REVWALL_DATA: folder, ...env }),
    logger: silentLogger,
    args,
    print: (line: string) => void printed.push(line),
    signal: new AbortController().signal,
  }
  expect(await command.run(context as unknown as CommandContext)).toBe(code)
  return printed.join('\n')
}

const stored = () => readEndpoints(endpointFilePath(folder)) as WebhookEndpoint[]
const secretIn = (text: string) => /^whsec_\S+$/m.exec(text)![0]
const OPEN = { env: { REVWALL_DELIVERY_PRIVATE: 'allow' } }

test('a webhook is made, its secret shown once, tried, its secret changed, and removed', async () => {
  expect(await run(['list'])).toContain('There are no endpoints')
  const added = await run([
    'add',
    `${receiver.url}?key=hidden`,
    ...TENANT,
    '--name',
    'crm',
    '--topics',
    'alerts,segments',
  ])
  const [{ id }] = stored() as [WebhookEndpoint]
  const first = secretIn(added)
  expect(statSync(endpointFilePath(folder)).mode & 0o777).toBe(0o600)
  const listed = await run(['list'])
  expect(listed).toMatch(
    new RegExp(`^${id}  online-retail  webhook  alerts,segments  http://127\\.\\S+/hook\\?…  open  crm$`),
  )
  expect(listed).not.toContain(first)
  expect(listed).not.toContain('hidden')

  expect(await run(['test', id], OPEN)).toBe(`${id} took it (200).`)
  expect(receiver.received[0]!.body).toContain('revwall.trial.v1')
  expect(await run(['test', id], { code: 1 })).toMatch(/did not take it: .*private/)
  receiver.reply = answer(500)
  expect(await run(['test', id], { ...OPEN, code: 1 })).toMatch(/answered 500/)

  const second = secretIn(await run(['rotate', id]))
  expect(openSecrets(stored()[0]!, Date.now())).toEqual([second, first])
  expect(openSecrets(stored()[0]!, Date.now() + 86_400_001)).toEqual([second])
  const third = secretIn(await run(['rotate', id, '--now']))
  expect(stored()[0]!.secrets).toEqual([{ secret: third, expiresAt: null }])
  expect(await run(['enable', id])).toContain('gets events again')
  await run(['remove', id])
  expect(stored()).toEqual([])
})

test('a channel of Slack is made with a token that is shown nowhere, and tried', async () => {
  const api = receiver.url.replace('/hook', '/api')
  const added = await run(['add', 'slack', ...TENANT, '--channel', '#alerts', '--slack-api', api])
  const { id } = stored()[0]!
  expect(added + (await run(['list']))).not.toContain(TOKEN)
  expect(readFileSync(endpointFilePath(folder), 'utf8')).toContain(TOKEN)
  receiver.reply = answer(200, {}, '{"ok":true,"channel":"C1","ts":"1.1"}')
  expect(await run(['test', id], OPEN)).toContain('took it')
  expect(receiver.received[0]).toMatchObject({ path: '/api/chat.postMessage' })
  receiver.reply = answer(200, {}, '{"ok":false,"error":"not_in_channel"}')
  expect(await run(['test', id], { ...OPEN, code: 1 })).toContain('not_in_channel')
  await expect(run(['rotate', id])).rejects.toMatchObject({ code: 'NOT_A_WEBHOOK' })
})

const URL = 'https://example.com/hook'
test.each([
  [[], 'BAD_USAGE', /add, list, test, rotate, enable, remove/],
  [['add'], 'BAD_USAGE', /an address, or slack, is wanted/],
  [['add', URL], 'BAD_USAGE', /--tenant is wanted/],
  [['add', URL, '--tenant', 'nobody'], 'UNKNOWN_TENANT', /nobody/],
  [['add', 'ftp://x', ...TENANT], 'BAD_USAGE', /http or https/],
  [['add', 'https://me:pw@example.com/', ...TENANT], 'BAD_USAGE', /no user or password/],
  [
    ['add', URL, ...TENANT, '--topics', 'alerts,orders'],
    'BAD_USAGE',
    /--topics takes alerts, anomalies, segments/,
  ],
  [['add', 'slack', ...TENANT], 'BAD_USAGE', /--channel is wanted/],
  [['add', 'slack', ...TENANT, '--channel', 'C1', '--topics', 'alerts'], 'BAD_USAGE', /alerts alone/],
  [['test', 'ep_x'], 'UNKNOWN_ENDPOINT', /revwall endpoints list/],
  [['rotate'], 'BAD_USAGE', /an endpoint's id is wanted/],
])('%j is refused with what to do', async (args, code, message) => {
  await expect(run(args)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

test.each([
  [[], 'BAD_USAGE', /list, replay/],
  [['list', '--limit', '0'], 'BAD_USAGE', /--limit takes/],
  [['replay', '--endpoint', 'ep_x'], 'BAD_USAGE', /a message or --dead/],
  [['replay', 'msg_1', '--dead'], 'BAD_USAGE', /a message or --dead/],
  [['replay', 'msg_1'], 'BAD_USAGE', /--endpoint is wanted/],
  [['replay', 'msg_1', '--endpoint', 'ep_x'], 'UNKNOWN_ENDPOINT', /ep_x/],
])('deliveries %j is refused with what to do', async (args, code, message) => {
  await expect(run(args, { command: deliveries })).rejects.toMatchObject({
    ...{ code, message: expect.stringMatching(message) },
  })
})
