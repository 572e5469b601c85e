/** Webhooks to real servers that hang, refuse, cut and move; rows in a real ClickHouse. */
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readEndpoints, type WebhookEndpoint } from './endpoint-file.ts'
import { GIVE_UP_MS } from './retry-schedule.ts'
import { createSender } from './send-request.ts'
import { type DeliveryBed, openDeliveryBed } from './testing/delivery-bed.ts'
import {
  answer,
  cut,
  hang,
  inTurn,
  type Receiver,
  type Reply,
  startReceiver,
} from './testing/start-receiver.ts'

let bed: DeliveryBed
const receivers: Receiver[] = []
beforeAll(async () => {
  bed = await openDeliveryBed()
})
afterAll(() => bed?.stop())
afterEach(async () => {
  await bed.clear()
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()))
})

const WAIT = { timeout: 20_000, interval: 20 }
let ids = 0
const newId = () => `a${++ids}`

async function open(reply?: Reply, more: Partial<WebhookEndpoint> = {}) {
  const receiver = await startReceiver(reply)
  receivers.push(receiver)
  const endpoint = (await bed.add({ url: receiver.url, ...more } as WebhookEndpoint)) as WebhookEndpoint
  return { receiver, endpoint, secret: endpoint.secrets[0]!.secret }
}

const statuses = async (endpoint: string) =>
  (await bed.rows(endpoint)).map((row) => `${row.attempt} ${row.status} ${row.http_status}`)

async function metric(name: string): Promise<number[]> {
  const found = await bed.registry.getSingleMetric(name)!.get()
  return found.values.map(({ value }) => value)
}

describe('an event', () => {
  it('comes once, signed so that the official library takes it, whenever and however often it is told', async () => {
    const { receiver, endpoint, secret } = await open()
    const id = newId()
    const first = bed.start()
    const alert = await bed.alert('acme', id)
    await expect.poll(() => receiver.received.length, WAIT).toBe(1)
    await bed.alert('acme', id)
    await first.stop()
    await bed.alert('acme', id)
    const second = bed.start()
    const last = newId()
    await bed.alert('acme', last)
    await expect.poll(() => receiver.received.length, WAIT).toBe(2)
    await expect.poll(() => statuses(endpoint.id), WAIT).toEqual(['1 delivered 200', '1 delivered 200'])
    const [one] = receiver.received
    expect(new Webhook(secret).verify(one!.body, one!.headers)).toEqual(alert)
    expect(() => new Webhook(secret).verify(one!.body.replace('open', 'OPEN'), one!.headers)).toThrow()
    expect(new Set(receiver.ids()).size).toBe(2)
    await second.stop()
  })

  it('is signed by the secret before too, until that expires', async () => {
    const old = {
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=',
      expiresAt: '2999-01-01T00:00:00Z',
    }
    const over = {
      secret: 'whsec_OVERr8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYoo=',
      expiresAt: '2001-01-01T00:00:00Z',
    }
    const now = { secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazHcGbUhI3E=', expiresAt: null }
    const { receiver } = await open(answer(200), { secrets: [over, old, now] })
    const running = bed.start()
    await bed.alert('acme', newId())
    await expect.poll(() => receiver.received.length, WAIT).toBe(1)
    const { body, headers } = receiver.received[0]!
    const verifies = ({ secret }: { secret: string }) => {
      try {
        return new Webhook(secret).verify(body, headers) !== undefined
      } catch {
        return false
      }
    }
    expect([over, old, now].map(verifies)).toEqual([false, true, true])
    await running.stop()
  })

  it('of another tenant, of another topic, or from before the endpoint was made does not come', async () => {
    await bed.alert('acme', newId())
    await new Promise((later) => setTimeout(later, 5))
    const acme = await open()
    const zebra = await open(answer(200), { tenant: 'zebra' })
    const running = bed.start()
    const own = await bed.alert('acme', newId())
    const others = await bed.alert('zebra', newId())
    await expect
      .poll(() => [acme, zebra].map(({ receiver }) => receiver.received.length), WAIT)
      .toEqual([1, 1])
    expect(JSON.parse(acme.receiver.received[0]!.body)).toEqual(own)
    expect(JSON.parse(zebra.receiver.received[0]!.body)).toEqual(others)
    const tenants = () =>
      bed.db.warehouse.query('SELECT DISTINCT tenant FROM revwall.deliveries WHERE endpoint = {id:String}', {
        params: { id: zebra.endpoint.id },
      })
    await expect.poll(tenants, WAIT).toEqual([{ tenant: 'zebra' }])
    await running.stop()
  })
})

describe('a failed attempt', () => {
  it.each<[string, Reply, RegExp, number]>([
    ['500', answer(500), /answered 500/, 500],
    ['a cut connection', cut, /no answer: (socket hang up|.*cut)/, 0],
    ['silence', hang, /no answer within 500 ms/, 0],
    ['a redirect', answer(302, { location: 'http://127.0.0.1:1/' }), /answered 302/, 302],
  ])(
    'by %s is made again after five seconds, with the same id and a new time',
    async (_, reply, error, status) => {
      const { receiver, endpoint } = await open(inTurn(reply, answer(204)))
      const running = bed.start()
      await bed.alert('acme', newId())
      await expect.poll(() => statuses(endpoint.id), WAIT).toEqual([`1 retrying ${status}`])
      expect((await bed.rows(endpoint.id))[0]!.error).toMatch(error)
      expect(await metric('revwall_delivery_queue')).toEqual([1])
      bed.pass(4_000)
      await new Promise((later) => setTimeout(later, 150))
      expect(receiver.received).toHaveLength(1)
      bed.pass(60_000)
      await expect
        .poll(() => statuses(endpoint.id), WAIT)
        .toEqual([`1 retrying ${status}`, '2 delivered 204'])
      const [first, second] = receiver.received
      expect(second!.id).toBe(first!.id)
      expect(Number(second!.headers['webhook-timestamp'])).toBeGreaterThan(
        Number(first!.headers['webhook-timestamp']) + 60,
      )
      expect(await metric('revwall_delivery_queue')).toEqual([0])
      await running.stop()
    },
  )

  it('waits as long as Retry-After says, and so does all else for that endpoint', async () => {
    const { receiver, endpoint } = await open(inTurn(answer(429, { 'retry-after': '600' }), answer(200)))
    const running = bed.start()
    await bed.alert('acme', newId())
    await expect.poll(() => statuses(endpoint.id), WAIT).toEqual(['1 retrying 429'])
    await bed.alert('acme', newId())
    bed.pass(500_000)
    await new Promise((later) => setTimeout(later, 200))
    expect(receiver.received).toHaveLength(1)
    bed.pass(101_000)
    await expect.poll(() => receiver.received.length, WAIT).toBe(3)
    await running.stop()
  })

  it('goes on after a new start, is given up after three days, and comes when somebody asks for it', async () => {
    const { receiver, endpoint } = await open(answer(503))
    let running = bed.start()
    await bed.alert('acme', newId())
    await expect.poll(() => receiver.received.length, WAIT).toBe(1)
    await expect.poll(async () => (await statuses(endpoint.id)).length, WAIT).toBe(1)
    await running.stop()
    running = bed.start()
    await new Promise((later) => setTimeout(later, 200))
    expect(receiver.received).toHaveLength(1)
    bed.pass(6_000)
    await expect.poll(() => receiver.received.length, WAIT).toBe(2)
    // Else the time that passes now would be its own.
    await expect.poll(async () => (await statuses(endpoint.id)).length, WAIT).toBe(2)
    await expect
      .poll(async () => (await metric('revwall_delivery_oldest_seconds'))[0], WAIT)
      .toBeGreaterThan(5)
    bed.pass(GIVE_UP_MS)
    await expect.poll(async () => (await statuses(endpoint.id)).at(-1), WAIT).toBe('3 dead 503')
    receiver.reply = answer(200)
    const messageId = (await bed.rows(endpoint.id))[0]!.message_id
    const command = {
      ...{ type: 'delivery.replay', schemaVersion: 1, commandId: 'c1', tenant: 'acme', by: 'jo' },
      at: new Date().toISOString(),
    }
    await bed.command({ ...command, tenant: 'zebra', commandId: 'c0', endpoint: endpoint.id })
    await bed.command({ ...command, endpoint: endpoint.id, messageId })
    await bed.command({ ...command, endpoint: endpoint.id, messageId })
    await expect
      .poll(async () => (await statuses(endpoint.id)).slice(-2), WAIT)
      .toEqual(['0 queued 0', '1 delivered 200'])
    await running.stop()
    // Read again from the beginning, as after a crash before the position: the command is done.
    await bed.db.warehouse.command(
      "ALTER TABLE revwall.delivery_positions DELETE WHERE endpoint = '' SETTINGS mutations_sync = 1",
    )
    running = bed.start()
    await expect
      .poll(
        () => bed.db.warehouse.query("SELECT 1 FROM revwall.delivery_positions WHERE endpoint = ''"),
        WAIT,
      )
      .toHaveLength(1)
    await new Promise((later) => setTimeout(later, 200))
    expect(new Set(receiver.ids())).toEqual(new Set([messageId]))
    expect(await statuses(endpoint.id)).toHaveLength(5)
    await running.stop()
  })
})

describe('an endpoint', () => {
  it('that answers 410 gets nothing more, until it is enabled', async () => {
    const { receiver, endpoint } = await open(answer(410))
    const running = bed.start()
    await bed.alert('acme', newId())
    await expect.poll(() => statuses(endpoint.id), WAIT).toEqual(['1 dead 410'])
    const disabled = () => readEndpoints(bed.path).find(({ id }) => id === endpoint.id)?.disabled?.why
    await expect.poll(disabled, WAIT).toMatch(/410/)
    await bed.alert('acme', newId())
    bed.pass(60_000)
    await new Promise((later) => setTimeout(later, 700))
    expect(receiver.received).toHaveLength(1)
    await running.stop()
  })

  it('that hangs delays no other', async () => {
    const slow = await open(hang)
    const quick = await open()
    const running = bed.start({ limits: { timeoutMs: 60_000, idleMs: 20 } })
    const startedMs = Date.now()
    for (let nth = 0; nth < 20; nth++) await bed.alert('acme', newId())
    await expect.poll(() => quick.receiver.received.length, WAIT).toBe(20)
    expect(Date.now() - startedMs).toBeLessThan(30_000)
    expect(slow.receiver.received.length).toBeLessThanOrEqual(8)
    expect(await statuses(slow.endpoint.id)).toEqual([])
    await running.stop()
  })

  it('that takes nothing has so much in its queue and no more: the log keeps the rest', async () => {
    const { receiver, endpoint } = await open(answer(500))
    const running = bed.start({ limits: { timeoutMs: 500, idleMs: 20, maxQueued: 3 } })
    for (let nth = 0; nth < 10; nth++) await bed.alert('acme', newId())
    await expect.poll(() => new Set(receiver.ids()).size, WAIT).toBe(3)
    await new Promise((later) => setTimeout(later, 500))
    expect(new Set(receiver.ids()).size).toBe(3)
    receiver.reply = answer(200)
    bed.pass(60_000)
    await expect
      .poll(async () => (await statuses(endpoint.id)).filter((s) => s.endsWith('delivered 200')).length, WAIT)
      .toBe(10)
    await running.stop()
  })

  it('in a private network is refused, and the row says why', async () => {
    const { receiver, endpoint } = await open()
    const running = bed.start({ send: createSender({ allowPrivate: false }) })
    await bed.alert('acme', newId())
    await expect
      .poll(async () => (await bed.rows(endpoint.id))[0]?.error, WAIT)
      .toMatch(/127\.0\.0\.1 is private/)
    expect(receiver.received).toHaveLength(0)
    await running.stop()
  })

  it('waits for a ClickHouse that is away, and is sent nothing twice for it', async () => {
    const { receiver, endpoint } = await open()
    let isSent = false
    const running = bed.start({
      afterSend: async () => {
        if (isSent) return
        isSent = true
        bed.db.engine.kill()
      },
    })
    await bed.alert('acme', newId())
    await expect
      .poll(() => statuses(endpoint.id).catch(() => []), { ...WAIT, timeout: 45_000 })
      .toEqual(['1 delivered 200'])
    expect(receiver.received).toHaveLength(1)
    await running.stop()
  })
})
