/** Two servers and the log are backed up while orders come in, and restored: together, and one of them from another time. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { segmentFunctionName } from '../../clickhouse/queries/segment-sql.ts'
import { FIRST_RUN } from '../../clickhouse/runs/run.ts'
import { shardsOf } from '../../clickhouse/shards.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import { lockFolder } from '../../core/runtime/lock-folder.ts'
import { fillTables, readFilled, type Tables } from '../backup/every-table.ts'
import { runRevwall } from '../cli/run-revwall.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { openPipeline, type Pipeline } from '../oracle/pipeline.ts'
import { runSources } from '../oracle/run-sources.ts'
import { SeededSource } from '../oracle/seeded-source.ts'
import { NORTH_SHOP } from '../oracle/shops.ts'
import { judgeShards, openShards, type ShardsBed, TENANTS, takeAll } from './shards-bed.ts'

const { database } = FIRST_RUN
const PARTITIONS = 4
const SERVERS = ['clickhouse', 'clickhouse-1']
/** The copied log has members that were alive. */
const GIVEN_UP_MS = 3_000

const folder = temporaryFolder('shards-backup')
const path = (...names: string[]) => join(folder.path, ...names)
let bed: ShardsBed
let pipeline: Pipeline
let source: SeededSource
let filled: Tables[]
beforeAll(async () => {
  mkdirSync(path('data'))
  bed = await openShards(path('data'))
  pipeline = await openOn(path('data'), bed)
  const plan = { orders: 150, shuffleWindow: 30, duplicates: 'every-fifth', bad: false } as const
  source = new SeededSource({ seed: 83, shop: NORTH_SHOP, ...plan })
  await source.appendTo(pipeline.log, source.nextEvents(100))
  expect(await pipeline.settle()).toEqual([])
  await fillTables(bed.warehouse)
  filled = await filledAt(bed)
})
afterAll(async () => {
  await pipeline?.dispose()
  await bed?.stop()
  folder.remove()
})

function openOn(data: string, { warehouse }: ShardsBed): Promise<Pipeline> {
  const openLog = () => openEmbeddedLog({ folder: join(data, 'log'), sessionTimeoutMs: GIVEN_UP_MS })
  return openPipeline({
    ...{ warehouse, database, tenants: TENANTS, partitions: PARTITIONS, maxRecords: 200, openLog },
  })
}

const filledAt = ({ warehouse }: ShardsBed) => Promise.all(shardsOf(warehouse).map(readFilled))
const run = (args: string[], data: string, shards = 2) =>
  runRevwall(args, {
    ...{ REVWALL_DATA: data, REVWALL_SHARDS: String(shards), REVWALL_PARTITIONS: String(PARTITIONS) },
    REVWALL_TENANTS: JSON.stringify(TENANTS),
  })

/** Takes what the log of a data folder has more, and lets the oracle compare; with `ask` before. */
async function differences(data: string, ask: (bed: ShardsBed) => Promise<void> = async () => {}) {
  const restored = await openShards(data)
  try {
    await ask(restored)
    const own = await openOn(data, restored)
    try {
      await takeAll(own, restored.warehouse)
      return await judgeShards(own, restored.warehouse, [source])
    } finally {
      await own.dispose()
    }
  } finally {
    await restored.stop()
  }
}

describe('a backup of two servers', () => {
  it('is taken while orders come in, of both and of the log', async () => {
    const lock = lockFolder(path('data'))
    lock.tell({ page: '', warehouse: bed.engine.url })
    const processor = await pipeline.startBeside()
    let isOver = false
    const backup = run(['backup', path('first')], path('data')).finally(() => {
      isOver = true
    })
    while (!isOver && source.left > 100) {
      await source.appendTo(pipeline.log, source.nextEvents(4))
      await delay(40)
    }
    const { code, stdout, stderr } = await backup
    console.log(stdout.trim())
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    await processor.stop()
    lock.release()
    const told = JSON.parse(readFileSync(path('first', 'backup.json'), 'utf8')) as {
      shards: number
      marks: { server: number; partition: number }[]
    }
    expect(told.shards).toBe(2)
    expect(told.marks.map(({ server, partition }) => [partition, server])).toEqual([
      [0, 0],
      [1, 1],
      [2, 0],
      [3, 1],
    ])
    expect(readdirSync(path('first')).sort()).toEqual([...SERVERS, 'backup.json', 'log'].sort())
    for (const server of SERVERS) expect(readdirSync(path('data', server, 'backups'))).toEqual([])
    // What is sold from here on is in the log that is there alone.
    const { faults } = await runSources(pipeline, [source])
    expect([...faults, ...(await judgeShards(pipeline, bed.warehouse, [source]))]).toEqual([])
  })

  it('is refused in another number of servers, and where half of it is there', async () => {
    for (const shards of [1, 4]) {
      const { code, stderr } = await run(['restore', path('first')], path('x'), shards)
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('set REVWALL_SHARDS=2') })
      expect(stderr).toContain('RESTORE_SHARDS')
    }
    expect(existsSync(path('x'))).toBe(false)
    mkdirSync(path('x', 'clickhouse-1'), { recursive: true })
    expect((await run(['restore', path('first')], path('x'))).stderr).toContain('RESTORE_NOT_EMPTY')
    // A restore that was killed before its last step: the others alone are no warehouse.
    expect((await run(['audit'], path('x'))).stderr).toContain('SHARDS_CHANGED')
    rmSync(path('x'), { recursive: true })
  })

  it('is known for cut off, and for one that lacks a server', async () => {
    cpSync(path('first'), path('cut'), { recursive: true })
    rmSync(path('cut', 'clickhouse-1'), { recursive: true })
    const { stderr } = await run(['restore', path('cut')], path('x'))
    expect(stderr).toMatch(/clickhouse-1\/.* is missing.*BACKUP_DAMAGED/)
    rmSync(path('cut', 'backup.json'))
    expect((await run(['restore', path('cut')], path('x'))).stderr).toContain('BACKUP_UNKNOWN')
    expect(existsSync(path('x', 'clickhouse'))).toBe(false)
  })

  it('is restored beside the newer log, which is taken by both; tables are as they were', async () => {
    mkdirSync(path('older'))
    cpSync(path('data', 'log'), path('older', 'log'), { recursive: true })
    const { code, stdout, stderr } = await run(
      ['restore', path('first'), '--only', 'clickhouse'],
      path('older'),
    )
    console.log(stdout.trim())
    expect({ code, stderr: stderr.replace(/^(clickhouse is|migrated) .*\n/gm, '') }).toEqual({
      code: 0,
      stderr: '',
    })
    const more = [...stdout.matchAll(/orders\/(\d): complete to offset \d+, the log has (\d+) more/g)]
    expect(more.map(([, partition]) => partition)).toEqual(['0', '1', '2', '3'])
    for (const server of [0, 1])
      expect(
        Math.max(...more.filter(([, p]) => Number(p) % 2 === server).map(([, , n]) => Number(n))),
      ).toBeGreaterThan(0)
    cpSync(path('older'), path('newer'), { recursive: true })
    const found = await differences(path('newer'), async (restored) => {
      expect(await filledAt(restored)).toEqual(filled)
      const function2 = `SELECT ${segmentFunctionName(2)}(0, 1, toDecimal64('5', 4)) AS segment`
      for (const server of shardsOf(restored.warehouse)) expect(await server.query(function2)).toHaveLength(1)
    })
    expect(found).toEqual([])
  })

  it('is restored with its log, and goes on alone', async () => {
    const { code, stdout } = await run(['restore', path('first')], path('pair'))
    expect(code).toBe(0)
    expect(stdout).toMatch(/orders\/3: complete to offset \d+, the log has \d+ more/)
    expect(readdirSync(path('pair')).sort()).toEqual([...SERVERS, 'log'])
    const audited = await run(['audit'], path('pair'))
    expect({ code: audited.code, stderr: audited.stderr.replace(/^clickhouse is .*\n/gm, '') }).toEqual({
      code: 0,
      stderr: '',
    })
    expect(audited.stdout).toMatch(/^headline_v1@1 .* exact$/m)
  })

  it('one server of another time: what it lacks is taken again, what the log lacks is refused', async () => {
    await pipeline.dispose()
    await bed.stop()
    for (const older of [0, 1]) {
      const mixed = path(`mixed-${older}`)
      mkdirSync(mixed)
      for (const [index, name] of SERVERS.entries())
        cpSync(path(index === older ? 'older' : 'data', name), join(mixed, name), { recursive: true })
      cpSync(path('data', 'log'), join(mixed, 'log'), { recursive: true })
      expect(await differences(mixed)).toEqual([])
      // The other one is ahead of the log of that time.
      const behind = path(`behind-${older}`)
      mkdirSync(behind)
      for (const [index, name] of SERVERS.entries())
        symlinkSync(path(index === older ? 'older' : 'data', name), join(behind, name))
      const { code, stderr } = await run(['restore', path('first'), '--only', 'log'], behind)
      console.log(stderr.trim().split('\n').at(-1))
      expect(code).toBe(1)
      const ahead = older === 0 ? /orders\/[13]: / : /orders\/[02]: /
      expect(stderr).toMatch(ahead)
      expect(stderr).toMatch(/its tail was lost.*Restore.*LOG_ENDS_BEFORE_MARK/)
      expect(readdirSync(behind)).toEqual(SERVERS)
    }
  })
})
