/** Backups of a system that takes orders, restored and compared by the oracle; and what must be refused. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { growPartitions } from '../../commands/grow-partitions.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { whileProcessing } from '../faults/processors.ts'
import { until } from '../faults/until.ts'
import { startTestEngine } from '../with-engine.ts'
import { BATCHES, type BackupBed, openBackupBed } from './backup-bed.ts'
import { fillTables, readFilled } from './every-table.ts'

const PLAYED_BEFORE = 150

describe('revwall backup and restore', () => {
  let bed: BackupBed
  beforeAll(async () => {
    bed = await openBackupBed()
  })
  afterAll(() => bed?.stop())

  it('copies a system that takes orders; what is restored is exact, by the oracle', async () => {
    const { world, host, path, run, differences } = bed
    // What no log brings back.
    await fillTables(host.warehouse)
    const filled = await readFilled(host.warehouse)
    // What opens and signs goes along, for nobody else's eyes there either.
    const small = {
      'endpoints.json': '{"version":1,"endpoints":[]}',
      'users.json': '{"version":1,"users":[]}',
      'walls.json': '{"version":1,"tenants":{}}',
    }
    for (const [name, text] of Object.entries(small)) writeFileSync(path(`data/${name}`), text)
    await whileProcessing(
      world,
      async () => {
        await world.sales.play(PLAYED_BEFORE)
        const begun = async () => (await world.marks()).every((last) => last > 0)
        await until('ClickHouse has a part of both partitions', begun)
        let isDone = false
        const backup = run(['backup', path('first')]).finally(() => {
          isDone = true
        })
        // Orders go on for as long as it takes.
        while (!isDone && world.sales.source.left > 0) {
          await world.sales.play(2)
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
        const { code, stdout, stderr } = await backup
        console.log(stdout.trim())
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
        expect(stdout).toMatch(/orders\/1: ClickHouse at least to offset \d+, the log to \d+/)
        await world.settled()
      },
      BATCHES,
    )
    expect(await world.differences()).toEqual([])
    expect(readdirSync(join(path('data'), 'clickhouse', 'backups'))).toEqual([])
    const checked = await run(['restore', path('first'), '--check'])
    expect(checked.stdout).toMatch(/all \d+ files are as they were written/)
    const { code, stdout, stderr } = await run(['restore', path('first')], path('pair'))
    console.log(stdout.trim())
    expect({ code, stderr: stderr.replace(/^clickhouse is .*\n/gm, '') }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/orders\/0: complete to offset \d+, the log has \d+ more/)
    expect(readdirSync(path('pair')).sort()).toEqual(['clickhouse', 'log', ...Object.keys(small)].sort())
    for (const [name, text] of Object.entries(small)) {
      const restored = path(`pair/${name}`)
      expect([name, readFileSync(restored, 'utf8')]).toEqual([name, text])
      expect([name, statSync(restored).mode & 0o777]).toEqual([name, 0o600])
      expect(stdout).toContain(`${name}: restored`)
    }
    expect(await differences(path('pair'))).toEqual([])
    const { engine, warehouse } = await startTestEngine({ folder: path('pair/clickhouse') })
    expect(await readFilled(warehouse)).toEqual(filled)
    await warehouse.close()
    await engine.stop()
  })

  it('goes on from the newer log that is there', async () => {
    const { world, path, run, differences } = bed
    mkdirSync(path('newer'))
    bed.copyLog(path('newer/log'))
    const { code, stdout } = await run(['restore', path('first'), '--only', 'clickhouse'], path('newer'))
    expect(code).toBe(0)
    const more = [...stdout.matchAll(/the log has (\d+) more/g)].map((found) => Number(found[1]))
    console.log(`${more.join(' and ')} records to take again`)
    expect(Math.max(...more)).toBeGreaterThan(0)
    expect(await differences(path('newer'), world.sales.books())).toEqual([])
  })

  it('goes on from a log that has grown since, or is in the middle of it', async () => {
    const { host, path, run, differences, world } = bed
    for (const [name, end] of [
      ['grown', undefined],
      ['growing', 'told'],
    ] as const) {
      mkdirSync(path(name))
      bed.copyLog(path(`${name}/log`))
      const log = await openEmbeddedLog({ folder: path(`${name}/log`) })
      const { warehouse } = host
      const growing = growPartitions(4, {
        ...{ log, warehouse, database: world.database, clock: systemClock },
        onStep: (step) => {
          if (step === end) throw new Error('broken off')
        },
      })
      await (end === undefined ? growing : expect(growing).rejects.toThrow('broken off'))
      await log.close()
      const env = { REVWALL_PARTITIONS: '4' }
      const { code, stdout } = await run(['restore', path('first'), '--only', 'clickhouse'], path(name), env)
      expect({ name, code }).toEqual({ name, code: 0 })
      expect(stdout).toMatch(/orders\/3: opened when the growth of the topic is reached, the log has \d+/)
    }
    expect(await differences(path('grown'), world.sales.books())).toEqual([])
  })

  it('refuses a log that is older than the ClickHouse that is there, and changes nothing', async () => {
    const { host, path, run } = bed
    mkdirSync(path('older'))
    await host.restart(() => cpSync(host.folder, path('older/clickhouse'), { recursive: true }))
    const { code, stderr } = await run(['restore', path('first'), '--only', 'log'], path('older'))
    console.log(stderr.trim().split('\n').at(-1))
    expect(code).toBe(1)
    expect(stderr).toMatch(/its tail was lost.*Restore.*LOG_ENDS_BEFORE_MARK/)
    expect(readdirSync(path('older'))).toEqual(['clickhouse'])
  })

  it('refuses what is there already, what runs, and a place of its own', async () => {
    const { path, run } = bed
    const refused = async (why: string, args: string[], folder?: string, exit = 1) => {
      const { code, stderr } = await run(args, folder)
      expect({ code, stderr }).toEqual({ code: exit, stderr: expect.stringContaining(why) })
      expect(stderr.trim().split('\n')).toHaveLength(1)
    }
    await Promise.all([
      refused('RESTORE_NOT_EMPTY', ['restore', path('first')], path('pair')),
      refused('FOLDER_IN_USE', ['restore', path('first')]),
      refused('BACKUP_UNKNOWN', ['restore', path('data')], path('x')),
      refused('BACKUP_NOT_EMPTY', ['backup', path('first')]),
      refused('BACKUP_INSIDE', ['backup', path('data/here')]),
      refused('DIR is wanted', ['backup'], undefined, 64),
      refused('BAD_USAGE', ['restore', path('first'), '--only', 'views'], path('x'), 64),
    ])
    expect(existsSync(path('x'))).toBe(false)
  })

  it('finds a byte that was changed, a file that is gone, and one too many', async () => {
    const { path, run } = bed
    cpSync(path('first'), path('damaged'), { recursive: true })
    const data = join(path('damaged'), 'log', 'data.mdb')
    const bytes = readFileSync(data)
    bytes[bytes.length - 100]! ^= 1
    writeFileSync(data, bytes)
    writeFileSync(join(path('damaged'), 'more'), '')
    const { code, stderr } = await run(['restore', path('damaged'), '--check'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/log\/data\.mdb was changed; more is none of its files.*BACKUP_DAMAGED/)
  })

  it('migrates what an older version made, and refuses what a newer one made', async () => {
    const { host, path, run } = bed
    await host.warehouse.command('DROP TABLE revwall.dead_letter_outcomes SYNC')
    await host.warehouse.command(
      'ALTER TABLE revwall.migrations DELETE WHERE id >= 70 SETTINGS mutations_sync = 2',
    )
    expect((await run(['backup', path('old')])).code).toBe(0)
    const { code, stderr } = await run(['restore', path('old')], path('migrated'))
    expect(code).toBe(0)
    expect(stderr).toMatch(/migrated: [1-9]\d* steps/)
    const manifest = join(path('old'), 'backup.json')
    const told = JSON.parse(readFileSync(manifest, 'utf8')) as object
    for (const newer of [{ newestMigration: 9_999 }, { format: 3 }]) {
      writeFileSync(manifest, JSON.stringify({ ...told, ...newer }))
      const refused = await run(['restore', path('old')], path('x'))
      console.log(refused.stderr.trim())
      expect(refused.code).toBe(1)
      expect(refused.stderr).toMatch(/newer revwall.*install that one.*BACKUP_NEWER/)
    }
  })
})
