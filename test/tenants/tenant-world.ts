/**
 * Everything from a source's record to an answer, for one tenant or several: the oracle's pipeline, what stores facts and
 * dead letters, a comparison of the views, and the api with the door for pushed orders. Who asks says a header, so that
 * a `?tenant=` of somebody else can be tried.
 */
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { ApiError } from '../../api/api-error.ts'
import { type ApiOptions, createApi } from '../../api/app.ts'
import { changeWalls } from '../../api/walls/wall-file.ts'
import { auditView } from '../../clickhouse/audit/audit-view.ts'
import { listAuditedViews } from '../../clickhouse/audit/list-audited-views.ts'
import { insertRows } from '../../clickhouse/insert-rows.ts'
import { DELIVERIES_TABLE } from '../../clickhouse/queries/delivery-state.ts'
import { publishViews } from '../../clickhouse/queries/publish-views.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { TenantWalls } from '../../core/contracts/walls.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { judgeConfig } from '../../core/runtime/env.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { createApiKey, hashKey } from '../../ingest/http/api-key.ts'
import { ingestRoutes } from '../../ingest/http/ingest-routes.ts'
import { openKeyBook } from '../../ingest/http/key-book.ts'
import { changeKeys } from '../../ingest/http/key-file.ts'
import { followMetrics } from '../../processors/anomaly/metrics/follow-metrics.ts'
import { followOrders } from '../../processors/anomaly/orders/follow-orders.ts'
import { storeDeadLetters } from '../../processors/dead-letters/store-dead-letters.ts'
import { FACT_TOPICS } from '../../processors/facts/parse-fact.ts'
import { storeFacts } from '../../processors/facts/store-facts.ts'
import { followForecasts } from '../../processors/forecast/follow-forecasts.ts'
import { createHolidayBook } from '../../processors/holiday-book.ts'
import { recordAudit } from '../../processors/reconciler/record-audit.ts'
import { followCustomers } from '../../processors/rfm/follow-customers.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { nextMidnight } from '../oracle/local-days.ts'
import { openPipeline, type Pipeline } from '../oracle/pipeline.ts'
import { judge, runSources } from '../oracle/run-sources.ts'
import { iso } from '../oracle/snapshot.ts'
import { MarkedSource, tellBuyers, tellFacts } from './marked-source.ts'
import { COMMON_ORDER, SOURCE, type TenantCase, THAMES } from './shops.ts'

/** Who asks: the id of a tenant, to which nothing but the answer belongs. */
export const WHO = 'x-who'
const RUN = 'r1'
/** The walls' day: the one that is an hour longer in London. */
const WALL_NOON = '2025-10-26T12:00:00Z'

export interface World {
  pipeline: Pipeline
  warehouse: Warehouse
  database: string
  /** Where its `v1_…` views are. */
  control: string
  app: FastifyInstance
  url: string
  registry: Registry
  /** What the oracle said of it. */
  said: string[]
  /** Makes a key for pushed orders. */
  addKey(tenant: string): Promise<string>
  /** An api of its own on the same tables, that is given another warehouse. */
  openApi(warehouse: Warehouse): FastifyInstance
  close(): Promise<void>
}

export interface WorldOptions {
  warehouse: Warehouse
  database: string
  control: string
  cases: readonly TenantCase[]
  /** For the file of keys. */
  folder: string
}

export async function openWorld({
  warehouse,
  database,
  control,
  cases,
  folder,
}: WorldOptions): Promise<World> {
  const tenants = cases.map(({ tenant }) => tenant)
  const options = { warehouse, database, tenants, maxRecords: 60 }
  const pipeline = await openPipeline(options)
  const { log } = pipeline
  const sources = cases.map((each) => new MarkedSource(each))
  const { faults } = await runSources(pipeline, sources)
  for (const each of cases) await tellFacts(log, each)
  for (const each of cases) await tellNow(log, each)
  faults.push(...(await pipeline.settle()))
  const said = [...faults, ...(await judge(pipeline, sources, options))]
  // Behind the judging, which knows the sources' orders alone.
  for (const each of cases) await tellBuyers(log, each)
  said.push(...(await pipeline.settle()))
  await storeBeside(log, warehouse, database, cases)
  await audit(warehouse, database, cases)
  await publishViews(warehouse, { database, controlDatabase: control })
  const path = join(folder, `${database}.json`)
  const keys = openKeyBook({ path, clock: systemClock, logger: silentLogger })
  const wallsFile = join(folder, `${database}-walls.json`)
  await changeWalls(wallsFile, systemClock, () => new Map(cases.map(wallsOf)))
  const createOn = (on: Warehouse, registry: Registry, plugins: ApiOptions['plugins'] = []) =>
    createApi({
      ...{ tenants, warehouse: on, database, log, logger: silentLogger, registry, plugins, wallsFile },
      health: () => ({ warehouse: 'up', processor: 'running', message: '' }),
      authenticate: ({ headers }) => {
        const who = headers[WHO]
        if (typeof who !== 'string' || !tenants.some(({ id }) => id === who))
          throw new ApiError('FORBIDDEN', 'nobody is known by this name')
        return { subject: 'test', tenant: who, role: 'operator' }
      },
    })
  const registry = new Registry()
  const ids = tenants.map(({ id }) => id)
  const door = { log, keys, tenants: ids, clock: systemClock, logger: silentLogger, registry }
  const app = createOn(warehouse, registry, [(scope) => ingestRoutes(scope, door)])
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    ...{ pipeline, warehouse, database, control, app, url, registry, said },
    async addKey(tenant) {
      const { id, key } = createApiKey()
      const createdAt = iso(Date.now())
      const stored = { id, tenant, name: '', hash: hashKey(key), createdAt, revokedAt: null }
      await changeKeys(path, systemClock, (all) => [...all, stored])
      return key
    },
    openApi: (on) => createOn(on, new Registry()),
    async close() {
      await app.close()
      await pipeline.dispose()
    },
  }
}

/** One of each, called the same and titled by whose it is. */
const wallsOf = ({ tenant, amount }: TenantCase): [string, TenantWalls] => [
  tenant.id,
  {
    walls: { hall: { title: `${tenant.name} ${amount}`, tiles: [{ tile: 'hero', w: 6, h: 9 }] } },
    playlists: { tour: { walls: ['hall'], seconds: 20 } },
  },
]

/** Every wall stands at the end of one day, so that its answers do not depend on when they are asked for. */
async function tellNow(log: EventLog, { tenant }: TenantCase): Promise<void> {
  const upTo = iso(nextMidnight(tenant.timeZone, Date.parse(WALL_NOON)) - 1)
  const head = { type: 'source.progress', schemaVersion: 1, tenant: tenant.id, source: SOURCE }
  const event = { ...head, upTo, polledAt: iso(Date.now()), mode: 'replay', speed: 1 }
  const value = Buffer.from(JSON.stringify(event))
  const key = `${tenant.id}/${SOURCE}`
  const partitions = Array.from({ length: log.partitions('orders') }, (_, partition) => partition)
  await log.append(
    'orders',
    partitions.map((partition) => ({ partition, key, value, contentType: 'application/json' as const })),
  )
}

async function storeBeside(
  log: EventLog,
  warehouse: Warehouse,
  database: string,
  cases: readonly TenantCase[],
): Promise<void> {
  const stop = new AbortController()
  const tenants = new Map(cases.map(({ tenant }) => [tenant.id, tenant]))
  const ports = { clock: systemClock, logger: silentLogger, signal: stop.signal }
  const stores = { warehouse, database, run: RUN, log, ...ports }
  const holidays = createHolidayBook(silentLogger)
  const running = [
    storeFacts({ ...stores, tenants }),
    storeDeadLetters(stores),
    followCustomers({ ...stores, tenants, registry: new Registry() }),
    followForecasts({
      ...stores,
      tenants,
      holidays,
      registry: new Registry(),
      limits: { lookIntervalMs: 100 },
    }),
    followMetrics({ ...stores, tenants, holidays, wall: '', registry: new Registry() }),
    followOrders({
      ...stores,
      tenants,
      config: judgeConfig({}).config.anomaly,
      wall: '',
      registry: new Registry(),
    }),
  ]
  const isStored = async (group: string, topic: string) => {
    for (let partition = 0; partition < log.partitions(topic); partition++) {
      const { next } = await log.bounds(topic, partition)
      if (((await log.committed(group, topic, partition)) ?? 0) < next) return false
    }
    return true
  }
  await waitUntil('facts and dead letters', 20_000, async () => {
    const facts = FACT_TOPICS.map((topic) => isStored(`facts-${RUN}`, topic))
    return (await Promise.all([...facts, isStored(`dead-letters-${RUN}`, 'dead-letters')])).every(Boolean)
  })
  await waitUntil('segments of all tenants', 20_000, async () => {
    const rows = await warehouse.query(`SELECT DISTINCT tenant FROM ${database}.segment_days`)
    return rows.length === cases.length
  })
  await waitUntil('forecasts of all tenants', 120_000, async () => {
    const rows = await warehouse.query(`SELECT DISTINCT tenant FROM ${database}.forecast_models`)
    return rows.length === cases.length
  })
  await waitUntil('tallies of all tenants', 20_000, async () => {
    const rows = await warehouse.query(
      `SELECT DISTINCT tenant FROM ${database}.order_scorings WHERE tenant != ''`,
    )
    return rows.length === cases.length
  })
  await waitUntil('metrics of all tenants', 20_000, async () => {
    const rows = await warehouse.query(`SELECT DISTINCT tenant FROM ${database}.metric_watches`)
    return rows.length === cases.length
  })
  stop.abort()
  await Promise.all(running)
  await storeAnomalies(warehouse, database, cases)
  await storeIncidents(warehouse, database, cases)
  await storeDeliveries(warehouse, cases)
  await storePaces(warehouse, database, cases)
  await storeValues(warehouse, database, cases)
}

/** The same order of each, unusual by its own country and amount: too few are told here for a model to find one. */
async function storeAnomalies(
  warehouse: Warehouse,
  database: string,
  cases: readonly TenantCase[],
): Promise<void> {
  const rows = cases.map(({ tenant, shop, amount }) => ({
    ...{ tenant: tenant.id, source: SOURCE, order_id: COMMON_ORDER, revision: 1, event_id: `e-${tenant.id}` },
    ...{ detected_at: '2025-10-26T12:00:00Z', placed_at: '2025-10-26T11:59:00Z', day: '2025-10-26' },
    ...{ severity: 'critical', score: 0.75, threshold: 0.6, observed: amount, currency: tenant.currency },
    ...{ reasons: [`to ${shop.countries[0]}`], reasons_pt: [`para ${shop.countries[0]}`], model_version: 1 },
  }))
  await insertRows(warehouse, `${database}.order_anomalies`, rows, `${database}:anomalies`)
}

/** The same incident of each, by its own amount and region, one that is going on and one that is over. */
async function storeIncidents(
  warehouse: Warehouse,
  database: string,
  cases: readonly TenantCase[],
): Promise<void> {
  const rows = cases.flatMap(({ tenant, shop, amount }) =>
    ['open', 'resolved'].map((state, at) => ({
      ...{ tenant: tenant.id, alert_id: `i-${state}`, revision: 1, at: '2025-10-26T12:00:00Z' },
      ...{
        notice: 'opened',
        kind: 'metric',
        dedup_key: `${tenant.id}/${state}`,
        alert_group: tenant.id,
        state,
      },
      ...{ severity: 'critical', subject: 'revenue', direction: 'fall', cause: 'level' },
      ...{ currency: tenant.currency, observed: amount, low: amount, high: amount, score: -7 },
      ...{ contributor_dimension: ['region'], contributor_member: [shop.countries[0]!] },
      ...{ contributor_change: [`-${amount}`], contributor_share: [1] },
      opened_at: `2025-10-26T1${at}:00:00Z`,
    })),
  )
  await insertRows(warehouse, `${database}.incident_changes`, rows, `${database}:incidents`)
}

/** The same of each, to endpoints with their own names; the table is of all worlds, which write alike. */
async function storeDeliveries(warehouse: Warehouse, cases: readonly TenantCase[]): Promise<void> {
  const rows = cases.map(({ tenant, shop }) => ({
    ...{ tenant: tenant.id, endpoint: `ep_${tenant.id}`, endpoint_name: shop.countries[0], kind: 'webhook' },
    ...{ message_id: 'msg_1', revision: 1, topic: 'alerts', attempt: 1, at: '2025-10-26T12:00:00Z' },
    ...{ status: 'dead', http_status: 500, error: `to ${shop.countries[0]}` },
  }))
  await insertRows(warehouse, DELIVERIES_TABLE, rows, `deliveries:${cases.length}:${Date.now()}`)
}

/** Of the walls' day, each up to its own end and by its own amount: their orders are too few for a pace. */
async function storePaces(
  warehouse: Warehouse,
  database: string,
  cases: readonly TenantCase[],
): Promise<void> {
  const rowsOf = (minutesOf: (each: TenantCase) => number[]) =>
    cases.flatMap((each) =>
      minutesOf(each).map((minute) => ({
        ...{ tenant: each.tenant.id, series: 'revenue', day: '2025-10-26', revision: 1, minute },
        ...{ value: each.amount, low80: each.amount, high80: each.amount, cutoff: '2025-10-25' },
        ...{ currency: each.tenant.currency, at: iso(Date.now()) },
      })),
    )
  const bands = rowsOf((each) => [0, each === THAMES ? 1_500 : 1_440])
  const ends = rowsOf((each) => [each === THAMES ? 1_300 : 1_200]).map((row) => ({
    ...row,
    ...{ so_far: 1, place: 'within' },
  }))
  await insertRows(warehouse, `${database}.pace_bands`, bands, `${database}:bands`)
  await insertRows(warehouse, `${database}.nowcasts`, ends, `${database}:ends`)
}

/** The same customers of each, by its own amount: too few have come again for a model to be fitted. */
async function storeValues(
  warehouse: Warehouse,
  database: string,
  cases: readonly TenantCase[],
): Promise<void> {
  const values = cases.flatMap(({ tenant, amount }) =>
    ['c1', 'c2', 'c3'].map((customer) => ({
      ...{ tenant: tenant.id, customer, revision: 1, cutoff: '2025-10-25', at: WALL_NOON },
      ...{ alive: '0.75', churn_risk: '0.25', orders_12m: 2, value_12m: amount, currency: tenant.currency },
    })),
  )
  const models = cases.map(({ tenant, amount }) => ({
    ...{ tenant: tenant.id, revision: 1, cutoff: '2025-10-25', r: 1, alpha: 1, a: 1, b: 1, at: WALL_NOON },
    ...{
      p: 1,
      q: 2,
      v: Number(amount),
      log_likelihood: -1,
      value_log_likelihood: -1,
      customers: 3,
      orders: 9,
    },
  }))
  await insertRows(warehouse, `${database}.customer_values`, values, `${database}:values`)
  await insertRows(warehouse, `${database}.value_models`, models, `${database}:models`)
}

/** One tenant's view is apart from the base, by its own amount; nobody else may hear of it. */
async function audit(warehouse: Warehouse, database: string, cases: readonly TenantCase[]): Promise<void> {
  for (const { tenant } of cases.filter((each) => each === THAMES))
    await warehouse.command(
      `INSERT INTO ${database}.headline_v1 (tenant, day, currency, booked_revenue)
       SELECT '${tenant.id}', '2025-06-15', '${tenant.currency}', 0.37`,
    )
  const context = { warehouse, database, run: RUN, clock: systemClock, random: Math.random }
  const { views } = await listAuditedViews(warehouse, database)
  for (const view of views)
    await recordAudit(
      warehouse,
      database,
      await auditView({ ...context, view, mend: false, manner: 'eager' }),
    )
}
