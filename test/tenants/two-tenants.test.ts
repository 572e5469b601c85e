/**
 * Two tenants in one revwall, with everything in common but whose it is (shops.ts), and each alone in one of its own:
 * what one is told is the same, byte for byte, whether the other is there or not; and has no word of the other in it.
 * The oracle says beforehand that each is right: books, log, order_changes, all views, on both axes, over both changes
 * of both clocks.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWall, type TestWall } from '../../api/testing/open-wall.ts'
import { V1_VIEWS, v1ViewNames } from '../../clickhouse/queries/v1-views.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { sql } from '../../commands/sql.ts'
import { judgeConfig } from '../../core/runtime/env.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { post } from '../../ingest/http/testing/open-door.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { startTestEngine, type TestEngine } from '../with-engine.ts'
import { type Answer, ask, type Question, readQuestions } from './ask-routes.ts'
import { foreignWords, rowsWithoutTheRun, withoutTheRun } from './find-leaks.ts'
import { CUSTOMERS } from './marked-source.ts'
import { COMMON_ORDER, FROM, HUDSON, LONE_ORDER, SOURCE, type TenantCase, THAMES, TO } from './shops.ts'
import { openWorld, WHO, type World } from './tenant-world.ts'

const BEGAN_AT_MS = Date.now()
const PAIRS = [
  { one: HUDSON, other: THAMES },
  { one: THAMES, other: HUDSON },
]
const nameOf = ({ tenant }: TenantCase) => tenant.id
const databaseOf = (name: string) => `tenants_${name}`
const controlOf = (name: string) => `shown_${name}`
const WORLDS = ['hudson', 'thames', 'both']

/** What a tenant was told in a world of its own. */
interface Alone {
  answers: Map<string, Answer>
  rows: Map<string, string[]>
  wall: string
}

const folder = mkdtempSync(join(tmpdir(), 'revwall-tenants-'))
const alone = new Map<string, Alone>()
let engine: TestEngine
let both: World
let questions: Question[]
/** Routes that answer whoever asks. */
const unprotected = new Set<string>()

beforeAll(async () => {
  engine = await startTestEngine({
    tenants: PAIRS.map(({ one }) => nameOf(one)),
    tables: WORLDS.flatMap((name) => v1ViewNames(controlOf(name))),
    viewDatabases: WORLDS.map(databaseOf),
  })
  for (const name of WORLDS) await engine.warehouse.command(`CREATE DATABASE ${controlOf(name)}`)
  const open = (name: string, cases: readonly TenantCase[]) =>
    openWorld({
      ...{ warehouse: engine.warehouse, cases, folder },
      ...{ database: databaseOf(name), control: controlOf(name) },
    })
  for (const { one } of PAIRS) {
    const world = await open(nameOf(one), [one])
    expect(world.said).toEqual([])
    alone.set(nameOf(one), await hear(world, one))
    await world.close()
  }
  both = await open('both', [HUDSON, THAMES])
  questions = await readQuestions(both.app)
  for (const { route, path } of questions)
    if ((await ask(both.app, path)).status !== 403) unprotected.add(route)
})
afterAll(async () => {
  await both?.close()
  await engine?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function hear(world: World, one: TenantCase): Promise<Alone> {
  const answers = new Map<string, Answer>()
  for (const { path } of await readQuestions(world.app))
    answers.set(path, await ask(world.app, path, nameOf(one)))
  const rows = new Map<string, string[]>()
  for (const { name } of V1_VIEWS) rows.set(name, await readAsAnalyst(world, one, name))
  return { answers, rows, wall: await readWall(world, one) }
}

/** By the command itself, as `revwall sql` prints it. */
async function readAsAnalyst(world: World, one: TenantCase, view: string): Promise<string[]> {
  const login = engine.engine.analysts.find(({ tenant }) => tenant === nameOf(one))!
  const env = {
    REVWALL_TENANTS: JSON.stringify([HUDSON.tenant, THAMES.tenant]),
    CLICKHOUSE_URL: engine.engine.url,
    CLICKHOUSE_USER: login.user,
    CLICKHOUSE_PASSWORD: login.password,
  }
  const lines: string[] = []
  const judged = judgeConfig(env)
  await sql.run({
    ...{ config: judged.config, judged },
    logger: silentLogger,
    args: ['--tenant', nameOf(one), '--json', `SELECT * FROM ${world.control}.${view}`],
    signal: new AbortController().signal,
    print: (line) => void lines.push(line),
  })
  const { shape } = V1_VIEWS.find(({ name }) => name === view)!
  const rows = lines.map((line): Record<string, unknown> => JSON.parse(line))
  return rowsWithoutTheRun('sums' in shape ? withoutNothing(rows, shape.sums.keys) : rows, BEGAN_AT_MS)
}

/** A row whose sums came back to nothing goes with the next merge, whenever that is. */
function withoutNothing(rows: readonly Record<string, unknown>[], keys: readonly string[]) {
  return rows.filter((row) => Object.entries(row).some(([name, sum]) => !keys.includes(name) && sum !== '0'))
}

/** What only one of two sorted lists has. */
function apart(found: readonly string[], expected: readonly string[]): string[] {
  const more = found.filter((row) => !expected.includes(row)).map((row) => `+ ${row}`)
  const less = expected.filter((row) => !found.includes(row)).map((row) => `- ${row}`)
  return [...more, ...less].map((line) => line.slice(0, 300)).slice(0, 8)
}

/** Whose wall it is says the header; the address asks for the other's. */
function wallOf(world: World, one: TenantCase, axis: 'booked' | 'sale' = 'booked'): Promise<TestWall> {
  const other = PAIRS.find((pair) => pair.one === one)!.other
  return openWall(world.url, { headers: { [WHO]: nameOf(one) }, tenant: nameOf(other), axis })
}

const isComplete = ({ tiles }: TestWall) =>
  tiles.hero !== undefined && tiles.latest !== undefined && tiles.exactness !== undefined

async function readWall(world: World, one: TenantCase): Promise<string> {
  const wall = await wallOf(world, one)
  await wall.until(isComplete)
  await wall.close()
  return withoutTheRun(JSON.stringify(wall.tiles), BEGAN_AT_MS)
}

/** What is wrong with the answers of a world to one tenant. */
async function findLeaks(
  app: World['app'],
  { one, other }: (typeof PAIRS)[number],
  asked: readonly Question[],
): Promise<{ route: string; fault: string }[]> {
  const leaks: { route: string; fault: string }[] = []
  for (const { route, path } of asked) {
    const answer = await ask(app, path, nameOf(one))
    const expected = alone.get(nameOf(one))!.answers.get(path)
    const words = foreignWords(answer.text, other, path)
    if (words.length > 0) leaks.push({ route, fault: `${path}: has ${words.join(', ')} of ${nameOf(other)}` })
    if (unprotected.has(route)) continue
    if (expected === undefined) leaks.push({ route, fault: `${path}: was not asked of one alone` })
    else if (expected.status !== answer.status || !isSame(expected.text, answer.text))
      leaks.push({
        route,
        fault: `${path}: is not what it is without ${nameOf(other)}: ${differenceOf(answer.text, expected.text)}`,
      })
  }
  return leaks
}

function differenceOf(found: string, expected: string): string {
  const [a, b] = [found, expected].map((text) => withoutTheRun(text, BEGAN_AT_MS)) as [string, string]
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  const near = (text: string) => text.slice(Math.max(0, at - 100), at + 80)
  return `${near(a)} instead of ${near(b)}`
}

const isSame = (a: string, b: string) => withoutTheRun(a, BEGAN_AT_MS) === withoutTheRun(b, BEGAN_AT_MS)

describe('two tenants in one revwall', () => {
  it('are both right: books, log, order_changes, every view, both axes', () => {
    expect(both.said).toEqual([])
  })

  it('have the same order ids, customers, articles and channels, so that these could be taken for each other', async () => {
    const common = async (column: string) => {
      const [row] = await both.warehouse.query<{ n: string }>(
        `SELECT count() AS n FROM (SELECT ${column} AS x FROM ${both.database}.order_changes
         WHERE sign = 1 AND x != '' GROUP BY x HAVING uniqExact(tenant) = 2)`,
      )
      return Number(row!.n)
    }
    expect(await common('order_id')).toBe(HUDSON.orders + CUSTOMERS)
    expect(await common('customer')).toBeGreaterThan(10)
    expect(await common('arrayJoin(line_sku)')).toBeGreaterThan(30)
    expect(await common('channel')).toBe(1)
    expect(await common('country')).toBe(0)
  })

  it.each(PAIRS)('every route tells $one.tenant.id nothing of the other', async (pair) => {
    const leaks = await findLeaks(both.app, pair, questions)
    const answers = questions.map(({ path }) => alone.get(nameOf(pair.one))!.answers.get(path)!)
    const good = answers.filter(({ status }) => status === 200).length
    console.log(
      `${nameOf(pair.one)}: ${questions.length} questions to ${new Set(questions.map(({ route }) => route)).size} routes, ` +
        `${good} answered, ${leaks.length} leaks`,
    )
    expect(leaks.slice(0, 5).map(({ fault }) => fault.slice(0, 500))).toEqual([])
  })

  it('every route has something to tell, and tells it to nobody who is not known', async () => {
    const dumb: string[] = []
    for (const { route, path } of questions.filter(({ isWhole }) => isWhole)) {
      if (unprotected.has(route)) continue
      const [one, other] = await Promise.all(PAIRS.map(({ one }) => ask(both.app, path, nameOf(one))))
      if (one!.status === 200 && other!.status === 200 && one!.text !== other!.text) continue
      if (!path.includes(encodeURIComponent(LONE_ORDER))) dumb.push(`${route}: ${one!.text.slice(0, 200)}`)
    }
    expect(dumb).toEqual([])
  })

  it('what needs no login has no tenant in it', async () => {
    expect([...unprotected].sort()).toEqual([
      '/api/v1/asyncapi.json',
      '/healthz',
      '/metrics',
      '/openapi.json',
      '/readyz',
    ])
    for (const path of unprotected)
      for (const { one } of PAIRS)
        expect([path, foreignWords((await ask(both.app, path)).text, one)]).toEqual([path, []])
  })

  it("an order that only the other has is not there, and one that both have is one's own", async () => {
    const path = (id: string) => `/api/v1/orders/${SOURCE}/${encodeURIComponent(id)}`
    expect(await ask(both.app, path(LONE_ORDER), 'thames')).toMatchObject({ status: 200 })
    const missing = await ask(both.app, path(LONE_ORDER), 'hudson')
    expect(missing.status).toBe(404)
    expect(missing.text).toBe(
      (await ask(both.app, path(`${LONE_ORDER}-none`), 'hudson')).text.replace('-none', ''),
    )
    for (const { one } of PAIRS) {
      const own = JSON.parse((await ask(both.app, path(COMMON_ORDER), nameOf(one))).text)
      expect(one.shop.currencies).toContain(own.order.currency)
      expect(own.order.timeZone).toBe(one.tenant.timeZone)
    }
  })

  it.each(PAIRS)(
    'the views of `revwall sql` show $one.tenant.id its own rows, all of them',
    async ({ one, other }) => {
      for (const { name } of V1_VIEWS) {
        const rows = await readAsAnalyst(both, one, name)
        const expected = alone.get(nameOf(one))!.rows.get(name)!
        expect([name, rows.length > 0, ...apart(rows, expected)]).toEqual([name, true])
        expect(foreignWords(rows.join('\n'), other)).toEqual([])
      }
    },
  )
})

describe('their walls', () => {
  it.each(PAIRS)('show $one.tenant.id what it would see alone', async ({ one }) => {
    expect(await readWall(both, one)).toBe(alone.get(nameOf(one))!.wall)
  })

  it('and what is pushed with the key of one reaches that one alone', async () => {
    const axes = ['booked', 'sale'] as const
    const walls = new Map<TenantCase, TestWall[]>()
    for (const { one } of PAIRS)
      walls.set(one, await Promise.all(axes.map((axis) => wallOf(both, one, axis))))
    for (const wall of [...walls.values()].flat()) await wall.until(isComplete)
    const headlines = new Map<TenantCase, string>()
    for (const { one } of PAIRS) headlines.set(one, (await ask(both.app, HEADLINE, nameOf(one))).text)
    for (const { one, other } of PAIRS) {
      const key = { authorization: `Bearer ${await both.addKey(nameOf(one))}` }
      // The key book looks at its file twice a second.
      const first = await waitUntil('the key', 5_000, async () => {
        const answer = await post(both.url, [order(one)], key)
        return answer.status !== 401 && answer
      })
      expect(first.body).toMatchObject({ accepted: 1, rejected: [] })
      const claimed = await post(
        both.url,
        [{ ...order(one), orderId: 'claimed', tenant: nameOf(other) }],
        key,
      )
      expect(claimed).toMatchObject({ body: { accepted: 0, rejected: [{ code: 'OTHER_TENANT' }] } })
      expect(foreignWords(JSON.stringify(claimed.body), other)).toEqual([])
    }
    expect(await both.pipeline.settle()).toEqual([])
    for (const own of walls.values())
      for (const wall of own)
        await wall.until(({ tiles }) => tiles.latest!.some(({ orderId }) => orderId === PUSHED))
    for (const { one, other } of PAIRS) {
      const own = walls.get(one)!
      await own[0]!.until(({ frames }) => frames.some(({ type }) => type === 'heartbeat'), 8_000)
      const frames = own.flatMap((wall) => wall.frames.map((frame) => JSON.stringify(frame)))
      expect(frames.flatMap((frame) => foreignWords(frame, other))).toEqual([])
      expect(frames.some((frame) => frame.includes(one.amount))).toBe(true)
      const { revenue } = JSON.parse(headlines.get(one)!).figures
      const after = JSON.parse((await ask(both.app, HEADLINE, nameOf(one))).text).figures
      expect((Number(after.revenue) - Number(revenue)).toFixed(2)).toBe(one.amount)
      console.log(`${nameOf(one)}: ${frames.length} frames, ${revenue} + ${one.amount} = ${after.revenue}`)
      const [claimed] = await both.warehouse.query<{ n: string }>(
        `SELECT count() AS n FROM ${both.database}.order_changes WHERE order_id = 'claimed'`,
      )
      expect(claimed).toEqual({ n: '0' })
    }
    for (const wall of [...walls.values()].flat()) await wall.close()
    const metrics = await both.registry.metrics()
    for (const { one } of PAIRS)
      expect(metrics).toMatch(new RegExp(`ingest_\\w+_total\\{tenant="${nameOf(one)}",type="order"\\} 1\n`))
  })
})

const PUSHED = 'pushed'
const HEADLINE = `/api/v1/headline?from=${FROM}&to=${TO}`
/** Later than anything else, so that it is first among the latest. */
const PUSHED_AT = '2026-02-03T12:00:00Z'
const order = ({ tenant, amount }: TenantCase) => ({
  ...{ type: 'order', source: 'door', orderId: PUSHED, version: 1, status: 'completed' },
  ...{ changedAt: PUSHED_AT, placedAt: PUSHED_AT, currency: tenant.currency },
  lines: [{ sku: 'SKU-1', name: `${tenant.name} article 1`, quantity: '1', unitPrice: amount }],
})

describe('a query that is not held to its tenant is found', () => {
  const MEMORY = [
    '/api/v1/me',
    '/api/v1/tenant',
    '/api/v1/sources',
    '/healthz',
    '/api/v1/asyncapi.json',
    '/readyz',
    '/metrics',
    '/openapi.json',
  ]
  const asking = (
    alter: (sql: string, params: Record<string, unknown>) => [string, Record<string, unknown>],
  ) => {
    const { warehouse } = both
    const query: Warehouse['query'] = (text, options = {}) => {
      const [sql, params] = alter(text, options.params ?? {})
      return warehouse.query(sql, { ...options, params })
    }
    return { ...warehouse, query }
  }

  it.each([
    [
      'its condition is lost',
      (sql: string, params: Record<string, unknown>): [string, Record<string, unknown>] => [
        sql.replaceAll('tenant = {tenant:String}', "{tenant:String} != ''"),
        params,
      ],
    ],
    [
      'it asks for the other',
      (sql: string, params: Record<string, unknown>): [string, Record<string, unknown>] => [
        sql,
        params.tenant === 'hudson' ? { ...params, tenant: 'thames' } : params,
      ],
    ],
  ])('%s', async (what, alter) => {
    const app = both.openApi(asking(alter))
    try {
      const asked = questions.filter(({ isWhole, route }) => isWhole && !MEMORY.includes(route))
      const leaks = [...(await findLeaks(app, PAIRS[0]!, asked)), ...(await findLeaks(app, PAIRS[1]!, asked))]
      const found = new Set(leaks.map(({ route }) => route))
      console.log(`mutant, ${what}: found on ${found.size} routes: ${[...found].join(' ')}`)
      expect([...found].sort()).toEqual([...new Set(asked.map(({ route }) => route))].sort())
    } finally {
      await app.close()
    }
  })
})
