/** What the dashboard and the alerts ask for is what the roles have, by name and by label. */
import { readFileSync } from 'node:fs'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { createApiMetrics } from '../../api/api-metrics.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { createTaskPool } from '../../core/runtime/task-pool.ts'
import { createIngestMetrics } from '../../ingest/http/ingest-metrics.ts'
import { watchCounters } from '../../processors/anomaly/metrics/watch-counters.ts'
import { scoringMetrics } from '../../processors/anomaly/orders/scoring-metrics.ts'
import { deliveryMetrics } from '../../processors/delivery/delivery-metrics.ts'
import { behindDays } from '../../processors/follow-days.ts'
import { forecastCounter } from '../../processors/forecast/forecast-metrics.ts'
import { orderMetrics } from '../../processors/orders/order-metrics.ts'
import { driftMetrics } from '../../processors/reconciler/drift-metrics.ts'
import { rfmLag } from '../../processors/rfm/rfm-metrics.ts'

interface Panel {
  type: string
  title: string
  description?: string
  gridPos: { x: number; y: number; w: number; h: number }
  fieldConfig?: { defaults: { unit: string } }
  targets?: { expr: string; legendFormat: string }[]
}

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
const all = (JSON.parse(read('revwall.json')) as { panels: Panel[] }).panels
const panels = all.filter(({ type }) => type !== 'row')
const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
const alerts = [...read('alerts.yml').matchAll(/expr: (.*)/g)].map(([, expr]) => expr!)

/** Of all roles, by the names that Prometheus stores. */
function metricNames(): Map<string, readonly string[]> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  createApiMetrics(registry)
  createIngestMetrics(registry)
  driftMetrics(registry)
  deliveryMetrics(registry, { queues: () => [], now: systemClock.now })
  for (const name of ['forecasts', 'values', 'order_models'])
    void createTaskPool({ name, part: 'processors/forecast/forecast.worker.ts', registry }).close()
  for (const name of ['forecasts', 'values']) behindDays(registry, name)
  forecastCounter(registry)
  rfmLag(registry)
  scoringMetrics(registry)
  watchCounters(registry)
  const log = { bounds: async () => ({ first: 0, next: 0 }) }
  orderMetrics(registry, { log, topic: 'orders', clock: systemClock, queued: () => 0 })
  const names = new Map<string, readonly string[]>()
  for (const metric of registry.getMetricsAsArray()) {
    const {
      name,
      type,
      labelNames = [],
    } = metric as unknown as {
      name: string
      type: string
      labelNames?: string[]
    }
    const kinds = String(type) === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
    for (const kind of kinds) names.set(`${name}${kind}`, labelNames)
  }
  return names
}

const known = metricNames()
const metricsIn = (expr: string) => expr.match(/\b(?:revwall|process|nodejs)_\w+/g) ?? []

/** Labels that an expression groups by, or selects by, beside those that the scrape itself adds. */
function labelsIn(expr: string): string[] {
  const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/, */))
  const selected = [...expr.matchAll(/(\w+)(?:=~|=)"/g)].map(([, name]) => name!)
  return [...grouped, ...selected].filter((name) => !['le', 'job', 'instance'].includes(name))
}

describe('the dashboard', () => {
  it('asks for metrics and labels that there are', () => {
    for (const expr of [...asked, ...alerts.filter((expr) => !expr.startsWith('up{'))]) {
      const names = metricsIn(expr)
      expect(names, expr).not.toEqual([])
      for (const name of names) {
        expect([...known.keys()], expr).toContain(name)
        for (const label of labelsIn(expr)) expect(known.get(name), `${label} in ${expr}`).toContain(label)
      }
    }
  })

  it('shows every metric of revwall', () => {
    const shown = asked.flatMap(metricsIn).map((name) => name.replace(/_(bucket|sum|count)$/, ''))
    const own = [...known.keys()].map((name) => name.replace(/_(bucket|sum|count)$/, ''))
    const missing = new Set(own.filter((name) => name.startsWith('revwall_') && !shown.includes(name)))
    // Where the table stands, of which the lag is made; of the wall's own topics, which repair themselves.
    expect([...missing]).toEqual(['revwall_live_unreadable_records_total', 'revwall_mark_offset'])
  })

  it('names, explains and measures each panel, and puts none over another', () => {
    for (const panel of panels) {
      expect(panel.title).not.toBe('')
      expect(panel.description, panel.title).toBeTruthy()
      expect(panel.fieldConfig?.defaults.unit, panel.title).toBeTruthy()
    }
    for (const [i, { title, gridPos: a }] of all.entries())
      for (const { title: other, gridPos: b } of all.slice(i + 1)) {
        const isApart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y
        expect(isApart, `${title} and ${other}`).toBe(true)
      }
  })
})
