import { Counter, Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createServiceServer } from './service-server.ts'

const registry = new Registry()
let reason: string | undefined = 'It waits for ClickHouse.'
const app = createServiceServer({ registry, waitsFor: () => reason })
beforeAll(async () => {
  new Counter({ name: 'revwall_things_total', help: 'Things', registers: [registry] }).inc(3)
  await app.ready()
})
afterAll(() => app.close())

const ask = async (url: string) => {
  const { statusCode, body } = await app.inject({ url })
  return { statusCode, body }
}

it('is alive before it is ready, and says what it waits for', async () => {
  expect(await ask('/healthz')).toEqual({ statusCode: 200, body: '{"status":"ok"}' })
  const waiting = await ask('/readyz')
  expect(waiting.statusCode).toBe(503)
  expect(JSON.parse(waiting.body).error).toEqual({ code: 'NOT_READY', message: reason, details: [] })
  reason = undefined
  expect(await ask('/readyz')).toEqual({ statusCode: 200, body: '{"status":"ok"}' })
})

it('prints metrics, and nothing else is there', async () => {
  expect((await ask('/metrics')).body).toContain('revwall_things_total 3')
  expect((await ask('/')).statusCode).toBe(404)
})
