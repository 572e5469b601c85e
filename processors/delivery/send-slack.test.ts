/** Slack's Web API, as its documentation says that it answers, by a real server. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { SlackEndpoint } from './endpoint-file.ts'
import { type DeliveryBed, openDeliveryBed } from './testing/delivery-bed.ts'
import { type Received, type Receiver, type Reply, startReceiver } from './testing/start-receiver.ts'

let bed: DeliveryBed
let slack: Receiver
beforeAll(async () => {
  bed = await openDeliveryBed()
})
afterAll(() => bed?.stop())
afterEach(async () => {
  await bed.clear()
  await slack?.close()
})

const WAIT = { timeout: 20_000, interval: 20 }
const TOKEN = 'xoxb-0123456789-secret'
const json =
  (body: object): Reply =>
  (_, response) =>
    void response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
const methodOf = ({ path }: Received) => path.split('/').at(-1)
const told = () => slack.received.map((one) => ({ method: methodOf(one), ...JSON.parse(one.body) }))

/** Takes everything; each post gets a ts of its own. */
function obliging(): Reply {
  let posts = 0
  return (received, response, request) => {
    const { channel, ts } = JSON.parse(received.body)
    posts += methodOf(received) === 'chat.postMessage' ? 1 : 0
    json({ ok: true, channel: channel === '#alerts' ? 'C1' : channel, ts: ts ?? `17000.${posts}` })(
      received,
      response,
      request,
    )
  }
}

async function open(reply: Reply): Promise<SlackEndpoint> {
  slack = await startReceiver(reply)
  const api = slack.url.replace('/hook', '/api')
  return (await bed.add({
    kind: 'slack',
    api,
    token: TOKEN,
    channel: '#alerts',
  } as Partial<SlackEndpoint>)) as SlackEndpoint
}

const statuses = async ({ id }: SlackEndpoint) => (await bed.rows(id)).map(({ status }) => status)

it('makes one message of an incident and updates it in place, after a new start too', async () => {
  const endpoint = await open(obliging())
  let running = bed.start()
  await bed.alert('acme', 's1', { computedAt: '2024-03-01T10:00:00Z' })
  await bed.alert('acme', 's2', { computedAt: '2024-03-01T10:00:00Z' })
  await expect.poll(() => statuses(endpoint), WAIT).toEqual(['delivered', 'delivered'])
  await running.stop()
  running = bed.start()
  await bed.alert('acme', 's1', {
    computedAt: '2024-03-01T11:00:00Z',
    state: 'resolved',
    severity: 'warning',
  })
  await expect.poll(() => slack.received.length, WAIT).toBe(3)
  const [first, , last] = told()
  expect(first).toMatchObject({
    method: 'chat.postMessage',
    channel: '#alerts',
    text: 'critical: Unusual order s1',
  })
  expect(JSON.stringify(first)).toMatch(
    /é 9× &lt;usual&gt;.*critical · open.*<http:\/\/127\.0\.0\.1:4680\/\?tenant=acme&amp;anomaly=s1\|open the wall>/,
  )
  const nth = told().findIndex(({ text }) => text.endsWith('s1')) + 1
  expect(last).toMatchObject({ method: 'chat.update', channel: 'C1', text: 'resolved: Unusual order s1' })
  expect(last.ts).toBe(`17000.${nth}`)
  expect(slack.received[0]!.headers.authorization).toBe(`Bearer ${TOKEN}`)
  expect(JSON.stringify(await bed.rows(endpoint.id))).not.toContain(TOKEN)
  await running.stop()
})

it('never shows the past again: what a retry brings late is superseded', async () => {
  let isFirst = true
  const takes = obliging()
  const endpoint = await open((...exchange) => {
    if (!isFirst) return takes(...exchange)
    isFirst = false
    return json({ ok: false, error: 'internal_error' })(...exchange)
  })
  const running = bed.start()
  await bed.alert('acme', 's3', { computedAt: '2024-03-01T10:00:00Z' })
  await expect.poll(() => statuses(endpoint), WAIT).toEqual(['retrying'])
  expect((await bed.rows(endpoint.id))[0]!.error).toBe('internal_error')
  await bed.alert('acme', 's3', { computedAt: '2024-03-01T10:05:00Z', state: 'acknowledged' })
  await expect.poll(async () => (await statuses(endpoint)).sort(), WAIT).toEqual(['delivered', 'retrying'])
  bed.pass(60_000)
  await expect
    .poll(async () => (await statuses(endpoint)).sort(), WAIT)
    .toEqual(['delivered', 'retrying', 'superseded'])
  expect(told().map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.postMessage'])
  expect(JSON.stringify(told()[1])).toContain('acknowledged')
  await running.stop()
})

it('waits as Slack says, and posts anew where somebody deleted the message', async () => {
  const takes = obliging()
  let limited = true
  const endpoint = await open((received, response, request) => {
    if (limited) {
      limited = false
      response.writeHead(429, { 'retry-after': '30', 'content-type': 'application/json' })
      return void response.end('{"ok":false,"error":"ratelimited"}')
    }
    if (methodOf(received) === 'chat.update')
      return json({ ok: false, error: 'message_not_found' })(received, response, request)
    return takes(received, response, request)
  })
  const running = bed.start()
  await bed.alert('acme', 's4', { computedAt: '2024-03-01T10:00:00Z' })
  await expect.poll(() => statuses(endpoint), WAIT).toEqual(['retrying'])
  bed.pass(25_000)
  await new Promise((later) => setTimeout(later, 150))
  expect(slack.received).toHaveLength(1)
  bed.pass(10_000)
  await expect.poll(() => statuses(endpoint), WAIT).toEqual(['retrying', 'delivered'])
  await bed.alert('acme', 's4', { computedAt: '2024-03-01T10:05:00Z', state: 'resolved' })
  await expect
    .poll(
      () =>
        told()
          .map(({ method }) => method)
          .slice(2),
      WAIT,
    )
    .toEqual(['chat.update', 'chat.postMessage'])
  await expect
    .poll(
      () =>
        bed.db.warehouse.query(
          'SELECT ts FROM revwall.incident_messages FINAL WHERE endpoint = {id:String}',
          { params: { id: endpoint.id } },
        ),
      WAIT,
    )
    .toEqual([{ ts: '17000.2' }])
  await running.stop()
})
