// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are the migrations' own placeholders.
/** A changed view comes to two servers while orders do, is broken off at each of them, is pointed away from, and dropped. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrateShards } from '../../clickhouse/migrations/migrate-shards.ts'
import { MIGRATIONS_FOLDER } from '../../clickhouse/migrations/read-migrations.ts'
import { publishViews } from '../../clickhouse/queries/publish-views.ts'
import { FIRST_RUN } from '../../clickhouse/runs/run.ts'
import { overShards, shardsOf } from '../../clickhouse/shards.ts'
import { dropView } from '../../clickhouse/views/drop-view.ts'
import { pointComplete } from '../../clickhouse/views/point-complete.ts'
import { readPointer } from '../../clickhouse/views/view-pointers.ts'
import { readStep } from '../../clickhouse/views/view-steps.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { lockFolder } from '../../core/runtime/lock-folder.ts'
import { runRevwall } from '../cli/run-revwall.ts'
import { openPipeline, type Pipeline } from '../oracle/pipeline.ts'
import { runSources } from '../oracle/run-sources.ts'
import { SeededSource } from '../oracle/seeded-source.ts'
import { NORTH_SHOP } from '../oracle/shops.ts'
import { headlineV2 } from '../views/changed-views.ts'
import { auditShards, failingAt, judgeShards, openShards, type ShardsBed, TENANTS } from './shards-bed.ts'

const { run, database } = FIRST_RUN
const view = 'headline_v2'
const context = { database, run, name: view, clock: systemClock, random: Math.random, graceMs: 0 }

let bed: ShardsBed
let pipeline: Pipeline
let source: SeededSource
let migrations: string
beforeAll(async () => {
  bed = await openShards()
  const { warehouse, folder } = bed
  pipeline = await openPipeline({ warehouse, database, tenants: TENANTS, partitions: 4, maxRecords: 200 })
  const plan = { orders: 200, shuffleWindow: 30, duplicates: 'every-fifth', bad: false } as const
  source = new SeededSource({ seed: 71, shop: NORTH_SHOP, ...plan })
  await source.appendTo(pipeline.log, source.nextEvents(100))
  expect(await pipeline.settle()).toEqual([])
  migrations = join(folder, 'migrations')
  mkdirSync(migrations)
  cpSync(MIGRATIONS_FOLDER, migrations, { recursive: true, filter: (path) => !path.endsWith('.ts') })
  const { createTable, createView } = headlineV2(database)
  const shipped = (sql: string) => sql.replaceAll(`${database}.`, '${database}.')
  writeFileSync(join(migrations, `9001_${view}.sql`), shipped(createTable))
  writeFileSync(join(migrations, `9002_${view}_mv.sql`), `-- view headline\n${shipped(createView)}`)
})
afterAll(async () => {
  await pipeline?.dispose()
  await bed?.stop()
})

const migrateBy = (warehouse: Warehouse) => migrateShards(warehouse, { database, folder: migrations })
const pointed = () => readPointer({ warehouse: bed.warehouse, database }, 'headline')
const stepsOf = () =>
  Promise.all(
    shardsOf(bed.warehouse).map(
      async (warehouse) => (await readStep({ warehouse, database, name: view }))?.step,
    ),
  )
const hasTable = async (server: Warehouse, name: string) =>
  (await server.query<{ result: number }>(`EXISTS TABLE ${name}`))[0]!.result === 1

describe('a changed view on two servers', () => {
  it('is filled at both before it is read, whichever was broken off, while orders come in', async () => {
    const { warehouse } = bed
    const processor = await pipeline.startBeside()
    let isOver = false
    const selling = (async () => {
      while (!isOver && source.left > 0) {
        await source.appendTo(pipeline.log, source.nextEvents(5))
        await delay(40)
      }
    })()
    try {
      const staging = new RegExp(`INSERT INTO ${database}\\.${view}_filling`)
      await expect(migrateBy(failingAt(warehouse, 1, staging))).rejects.toThrow('cut')
      expect([await pointed(), await stepsOf()]).toEqual(['headline_v1', [undefined, 'flowing']])
      await expect(migrateBy(failingAt(warehouse, 0, staging))).rejects.toThrow('cut')
      expect([await pointed(), await stepsOf()]).toEqual(['headline_v1', ['flowing', 'live']])
      await expect(pointComplete({ ...context, warehouse }, 'headline')).rejects.toMatchObject({
        code: 'VIEW_UNFILLED',
      })
      await migrateBy(warehouse)
      expect([await pointed(), await stepsOf()]).toEqual([view, ['live', 'live']])
    } finally {
      isOver = true
      await selling
      await processor.stop()
    }
    const { faults } = await runSources(pipeline, [source])
    const report = await auditShards(warehouse, false)
    expect(report.views.map(({ view: name }) => name)).toEqual(
      expect.arrayContaining([view, `${view}@1`, 'headline_v1@1']),
    )
    expect([...faults, ...(await judgeShards(pipeline, warehouse, [source]))]).toEqual([])
    const sums = (table: string) =>
      warehouse.query(
        `SELECT sum(booked_revenue) AS revenue, sum(booked_orders) AS orders FROM ${overShards(database)}.${table}`,
      )
    const [before] = await sums('headline_v1')
    expect(before).not.toMatchObject({ orders: '0' })
    expect(await sums(view)).toEqual([before])
  })

  it('is listed by server, pointed away from, and not dropped while it is read', async () => {
    const { warehouse, folder, engine } = bed
    await publishViews(warehouse, { database })
    const lock = lockFolder(folder)
    lock.tell({ page: '', warehouse: engine.url })
    const env = { REVWALL_DATA: folder, REVWALL_SHARDS: '2', REVWALL_TENANTS: JSON.stringify(TENANTS) }
    try {
      const { stdout, stderr } = await runRevwall(['views', '--json'], env)
      expect(stderr).toBe('')
      const listed = stdout.split('\n').filter((line) => line.includes(view))
      expect(listed.map((line) => JSON.parse(line) as object)).toMatchObject([
        { view, name: 'headline', state: 'live' },
        { view: `${view}@1`, name: 'headline', state: 'live' },
      ])
      const refused = await runRevwall(['views', 'drop', view], env)
      expect(refused.stderr).toContain('VIEW_IN_USE')
      const missing = await runRevwall(['views', 'point', 'headline', 'order_changes'], env)
      expect(missing.stderr).toContain('VIEW_MISSING')
      expect(await runRevwall(['views', 'point', 'headline', 'headline_v1'], env)).toMatchObject({ code: 0 })
      expect(await pointed()).toBe('headline_v1')
      // The views for people are away from it too.
      const [published] = await warehouse.query<{ select: string }>(
        "SELECT as_select AS select FROM system.tables WHERE database = 'revwall' AND name = 'v1_headline'",
      )
      expect(published!.select).toContain(`${overShards(database)}.headline_v1`)
      const early = await runRevwall(['views', 'drop', view], env)
      expect(early.stderr).toContain('VIEW_IN_GRACE')
    } finally {
      lock.release()
    }
  })

  it('is dropped at both; a drop that was broken off between them goes on', async () => {
    const { warehouse } = bed
    const table = new RegExp(`DROP TABLE IF EXISTS ${database}\\.${view} `)
    for (const server of [0, 1])
      await expect(dropView({ ...context, warehouse: failingAt(warehouse, server, table) })).rejects.toThrow(
        'cut',
      )
    await expect(pointComplete({ ...context, warehouse }, 'headline')).rejects.toMatchObject({
      code: 'VIEW_MISSING',
    })
    await dropView({ ...context, warehouse })
    for (const server of shardsOf(warehouse))
      expect(await hasTable(server, `${database}.${view}`)).toBe(false)
    expect(await hasTable(warehouse, `${overShards(database)}.${view}`)).toBe(false)
    await expect(dropView({ ...context, warehouse })).rejects.toMatchObject({ code: 'VIEW_MISSING' })
    await auditShards(warehouse, false)
  })
})
