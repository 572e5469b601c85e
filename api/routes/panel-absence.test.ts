import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertRows } from '../../clickhouse/insert-rows.ts'
import type { SampleOrder } from '../../clickhouse/queries/testing/insert-changes.ts'
import { DATABASE, startTestApi, type TestApi } from '../testing/start-api.ts'

const NOW_MS = Date.now()
const iso = (daysAgo: number) => new Date(NOW_MS - daysAgo * 86_400_000).toISOString()
const sale = (tenant: string, orderId: string, daysAgo: number, customer: string): SampleOrder => ({
  ...{ tenant, orderId, customer, currency: tenant === 'acme' ? 'GBP' : 'BRL' },
  entries: [{ at: iso(daysAgo), kind: 'sale', amount: '10', orders: 1 }],
})

/** Why each panel has nothing: reason, and what is there of what is needed. */
async function absences({ app }: TestApi, tenant = 'acme'): Promise<Record<string, string>> {
  const panels = ['segments', 'segments/days', 'customers/values', 'retention', 'forecast', 'anomalies']
  const told = [...panels, 'incidents'].map(async (panel) => {
    const { statusCode, body } = await app.inject(`/api/v1/${panel}?tenant=${tenant}`)
    expect([panel, statusCode]).toEqual([panel, 200])
    const { absence } = JSON.parse(body)
    const { reason, have, need } = absence ?? { reason: 'none', have: 0, need: 0 }
    return [panel, need > 0 ? `${reason} ${have}/${need}` : reason]
  })
  return Object.fromEntries(await Promise.all(told))
}

describe('a panel that has nothing', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await startTestApi()
  })
  afterAll(() => api?.stop())

  test('waits for orders', async () => {
    expect(new Set(Object.values(await absences(api)))).toEqual(new Set(['orders']))
  })

  test('says that no order names a customer, and how many days are missing', async () => {
    await api.insert([sale('acme', 'a', 5, ''), sale('zebra', 'z', 40, 'c-1')])
    expect(await absences(api)).toEqual({
      ...{ segments: 'customers', 'segments/days': 'customers', 'customers/values': 'customers' },
      ...{ retention: 'customers', forecast: 'history 5/14', anomalies: 'waiting', incidents: 'waiting' },
    })
  })

  test('is being computed where nothing is missing; cohorts are there at once', async () => {
    const told = await absences(api, 'zebra')
    expect(told).toMatchObject({ segments: 'waiting', 'customers/values': 'waiting', retention: 'none' })
    expect(told.forecast).toBe('waiting')
    const { body } = await api.app.inject('/api/v1/segments/days?tenant=zebra&mode=shopify')
    expect(JSON.parse(body).absence.reason).toBe('mode')
  })

  test('says how much a model has learned, and how long a metric has been watched', async () => {
    const scoring = { tenant: 'acme', day: '2026-01-01', seen: 120, needed: 500, model_version: 0 }
    await insertRows(api.db.warehouse, `${DATABASE}.order_scorings`, [scoring], 'scoring')
    const watch = { tenant: 'acme', up_to: iso(0), width: 15, days: 3.5, series: 4, states: '{}' }
    await insertRows(api.db.warehouse, `${DATABASE}.metric_watches`, [watch], 'watch')
    expect(await absences(api)).toMatchObject({ anomalies: 'learning 120/500', incidents: 'history 3/14' })
    await insertRows(
      api.db.warehouse,
      `${DATABASE}.metric_watches`,
      [{ ...watch, up_to: iso(-1), days: 20 }],
      'more',
    )
    expect((await absences(api)).incidents).toBe('none')
  })
})

test('every panel that is computed says so where analytics are off; cohorts are read from the views', async () => {
  const off = await startTestApi({ analytics: false })
  try {
    await off.insert([sale('acme', 'a', 40, 'c-1')])
    const { retention, ...computed } = await absences(off)
    expect(retention).toBe('none')
    expect(Object.values(computed)).toEqual(Object.values(computed).map(() => 'off'))
  } finally {
    await off.stop()
  }
})
