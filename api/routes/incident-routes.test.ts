/** What is asked for about alerts: who it is told to, for how long, and of what there is nothing to ask. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertRows } from '../../clickhouse/insert-rows.ts'
import { type Command, command } from '../../core/contracts/commands.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import { openTestAccess, type TestAccess } from '../testing/open-test-access.ts'
import { DATABASE, startTestApi, type TestApi } from '../testing/start-api.ts'

let passes: TestAccess
let api: TestApi
beforeAll(async () => {
  passes = openTestAccess()
  await passes.addUser('olga', 'operator', ['acme'])
  await passes.addUser('zack', 'admin', ['zebra'])
  api = await startTestApi({ access: passes.access })
  await api.log.ensureTopic('commands', TOPICS.commands)
  const incident = { tenant: 'acme', kind: 'metric', subject: 'orders', revision: 1 }
  const rows = ['open', 'resolved'].map((state) => ({ ...incident, alert_id: `i-${state}`, state }))
  await insertRows(api.db.warehouse, `${DATABASE}.incident_changes`, rows, 'incidents')
  const order = { tenant: 'acme', source: 'shop', order_id: 'A1', event_id: 'e1', severity: 'critical' }
  await insertRows(api.db.warehouse, `${DATABASE}.order_anomalies`, [order], 'orders')
})
afterAll(async () => {
  await api?.stop()
  await passes?.close()
})

async function ask(action: 'acknowledge' | 'silence', payload: object, who = 'olga', on = api) {
  const { statusCode, body } = await on.app.inject({
    ...{ method: 'POST', url: `/api/v1/incidents/${action}`, payload },
    headers: { host: new URL(on.url).host, origin: on.url, ...passes.userCookie(who) },
  })
  return { status: statusCode, body: JSON.parse(body) }
}

async function commands() {
  const records = await api.log.read('commands', 0, 0, { maxRecords: 100, maxBytes: 2 ** 20 })
  return records.map(({ value }) => command.parse(JSON.parse(Buffer.from(value).toString())))
}

test('writes what is asked to the topic, with who asked and until when', async () => {
  const taken = await ask('acknowledge', { alertId: 'i-open' })
  expect(taken).toMatchObject({ status: 200, body: { tenant: 'acme' } })
  expect((await ask('silence', { alertId: 'i-open', hours: 8 })).status).toBe(200)
  expect((await ask('silence', { alertId: 'e1', hours: 0.5, owner: 'Bia' })).status).toBe(200)
  const [acknowledged, silenced, byName] = await commands()
  const head = { tenant: 'acme', by: 'olga' }
  expect(acknowledged).toMatchObject({ ...head, type: 'alert.acknowledge', alertId: 'i-open' })
  expect(acknowledged!.commandId).toBe(taken.body.commandId)
  expect(silenced).toMatchObject({ ...head, type: 'alert.silence', alertId: 'i-open', owner: 'olga' })
  expect(byName).toMatchObject({ ...head, alertId: 'e1', owner: 'Bia' })
  expect(hoursOf(silenced!)).toBeCloseTo(8, 2)
  expect(hoursOf(byName!)).toBeCloseTo(0.5, 2)
})

function hoursOf(asked: Command): number {
  return asked.type === 'alert.silence' ? (Date.parse(asked.until) - Date.parse(asked.at)) / 3_600_000 : NaN
}

test('writes nothing for what is over, never was, is of somebody else, or is too long', async () => {
  const before = (await commands()).length
  expect((await ask('acknowledge', { alertId: 'i-resolved' })).status).toBe(409)
  expect((await ask('acknowledge', { alertId: 'never' })).status).toBe(404)
  for (const alertId of ['i-open', 'e1'])
    expect((await ask('acknowledge', { alertId }, 'zack')).status, alertId).toBe(404)
  for (const hours of [0, -1, 169, '8', undefined])
    expect((await ask('silence', { alertId: 'i-open', hours })).status, String(hours)).toBe(400)
  expect((await ask('silence', { alertId: 'i-open', hours: 1, owner: '' })).status).toBe(400)
  expect(await commands()).toHaveLength(before)
})

test('refuses where nobody takes it, and says that nothing is watched', async () => {
  const off = await startTestApi({ access: passes.access, analytics: false })
  try {
    expect(await ask('acknowledge', { alertId: 'i-open' }, 'olga', off)).toMatchObject({
      ...{ status: 409, body: { error: { code: 'CONFLICT' } } },
    })
    const { body } = await off.app.inject({
      ...{ url: '/api/v1/incidents', headers: passes.userCookie('olga') },
    })
    expect(JSON.parse(body)).toMatchObject({ analytics: false, watching: null, incidents: [] })
  } finally {
    await off.stop()
  }
})
