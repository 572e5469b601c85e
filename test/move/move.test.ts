/** `revwall move`: a data folder to Kafka and to a ClickHouse server, judged by the oracle before and after. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openKafkaLog } from '../../core/log/kafka/open-kafka-log.ts'
import { whyNoKafka } from '../../core/log/kafka/testing/test-broker.ts'
import { lockFolder } from '../../core/runtime/lock-folder.ts'
import { deadLettersGroup } from '../../processors/dead-letters/store-dead-letters.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { seededRandom } from '../faults/random.ts'
import { type MoveBed, openMoveBed, PREFIX } from './move-bed.ts'

const missing = whyNoKafka()

describe.skipIf(missing)(`revwall move${missing ? ` (${missing})` : ''}`, () => {
  let bed: MoveBed
  beforeAll(async () => {
    bed = await openMoveBed()
    const { world } = bed
    await bed.sell(7, 60)
    // What was trimmed must not begin anew.
    const note = {
      partition: 0,
      key: 'k',
      value: Buffer.from('{}'),
      contentType: 'application/json',
    } as const
    await world.log.append('source-health', [note, note, note])
    await world.log.trim('source-health', 0, 2)
    await world.log.commit(deadLettersGroup('r1'), 'dead-letters', 0, 2)
    // Of a customer the newer row counts, and one that has nothing in a column is a row like any other.
    const customer = (name: string, precedence: number) =>
      `('north', 'shop', 'c1', ${precedence}, ${precedence}, now64(3), '', '${name}', '', '', '', '', NULL, NULL)`
    for (const [name, precedence] of [
      ['Old', 1],
      ['New', 2],
    ] as const)
      await bed.old.warehouse.command(`INSERT INTO revwall_r1.customers VALUES ${customer(name, precedence)}`)
  })
  afterAll(() => bed?.stop())

  const openLog = (prefix = PREFIX) =>
    openKafkaLog({ brokers: [bed.broker.address], ssl: false, sasl: undefined, prefix })
  const everything = () => ({ ...bed.kafka, ...bed.clickhouse() })
  const refused = async (code: string, args: string[], env: Record<string, string>, folder?: string) => {
    const ran = await bed.run(args, env, folder)
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 1, stderr: expect.stringContaining(code) })
    return ran.stderr
  }

  it('refuses a folder in use, places that hold something, and nothing to move', async () => {
    const { folder, server, path } = bed
    expect(await bed.world.differences()).toEqual([])
    const lock = lockFolder(folder)
    await refused('FOLDER_IN_USE', ['move'], everything())
    lock.release()
    const other = await openLog('other.')
    await other.ensureTopic('orders', { partitions: 2, retentionMs: 1e9 })
    await other.close()
    await server.warehouse.command('CREATE DATABASE revwall_r3')
    await server.warehouse.command('CREATE TABLE revwall_r3.theirs (n Int8) ENGINE = MergeTree ORDER BY n')
    await bed.old.restart(async () => {
      await refused('CLICKHOUSE_COPY_NOT_EMPTY', ['move'], everything())
      await server.warehouse.command('DROP DATABASE revwall_r3 SYNC')
      await refused('LOG_COPY_NOT_EMPTY', ['move'], { ...everything(), KAFKA_PREFIX: 'other.' })
    })
    await refused('MOVE_NOTHING', ['move'], {})
    await refused('MOVE_NOTHING', ['move', path('nowhere')], everything())
    expect(existsSync(path('nowhere'))).toBe(false)
    expect(await bed.tables()).toEqual([])
    expect(existsSync(join(folder, 'moved.json'))).toBe(false)
  })

  it('takes the log first and the tables later', async () => {
    const { path, old, world, run } = bed
    const [data, env] = [path('second'), { ...bed.kafka, KAFKA_PREFIX: 'second.' }]
    mkdirSync(data)
    await old.restart(() => cpSync(old.folder, join(data, 'clickhouse'), { recursive: true }))
    // Not beside an open handle: a file that is closed here takes LMDB's locks along.
    await world.changeLog(() => cpSync(world.logFolder, join(data, 'log'), { recursive: true }))
    // Without them the wall at the new place would want no login.
    const users = '{"version":1,"users":[]}'
    writeFileSync(join(data, 'users.json'), users)
    const home = path('home')
    mkdirSync(home)
    writeFileSync(join(home, 'users.json'), '{}')
    expect((await run(['move', data], env, home)).stderr).toContain('MOVE_FILES_DIFFER')
    rmSync(join(home, 'users.json'))
    const log = await run(['move', data], env, home)
    expect({ code: log.code, stderr: log.stderr }).toMatchObject({ code: 0 })
    expect(log.stdout).toMatch(/users\.json: equal in .*home\/users\.json \(sha256 /)
    expect(readFileSync(join(home, 'users.json'), 'utf8')).toBe(users)
    expect(statSync(join(home, 'users.json')).mode & 0o777).toBe(0o600)
    expect(log.stdout).not.toMatch(/order_changes: \d+ rows/)
    await refused('FOLDER_MOVED', ['migrate'], {}, data)
    const tables = await run(['move', data], { ...env, ...bed.clickhouse() })
    expect({ code: tables.code, stderr: tables.stderr }).toMatchObject({ code: 0 })
    expect(tables.stdout).toMatch(/revwall_r1\.order_changes: \d+ rows, equal/)
    expect(tables.stdout).not.toMatch(/^orders\/0: \d+ records/m)
    await refused('FOLDER_MOVED', ['audit'], env, data)
    for (const database of ['revwall', 'revwall_r1'])
      await bed.server.warehouse.command(`DROP DATABASE ${database} SYNC`)
  })

  it('killed in the middle it opens neither place, and begins anew', async () => {
    const { old, server } = bed
    await old.restart(async () => {
      for (const stage of ['the log', 'the tables']) {
        const moving = bed.start(['move'], everything())
        await waitUntil(`${stage} at the new place`, 30_000, async () => {
          if (stage === 'the tables') return (await bed.tables()).includes('order_changes')
          const rows = await server.warehouse.query(
            `SELECT 1 FROM system.databases WHERE name = 'revwall_moving'`,
          )
          return rows.length > 0 && (await hasTopics())
        })
        const { signal } = await moving.end('SIGKILL')
        expect({ signal, said: moving.output() }).toMatchObject({ signal: 'SIGKILL' })
        await refused('MOVE_UNFINISHED', ['up', '--no-replay'], bed.clickhouse(), bed.path('new'))
        await expect(openLog()).rejects.toMatchObject({ code: 'LOG_MOVE_UNFINISHED' })
        expect(existsSync(join(bed.folder, 'moved.json'))).toBe(false)
      }
    })
  })

  it('moves all of it; the oracle agrees before and after, and with what is sold there', async () => {
    const { world, old, server, folder, broker } = bed
    const { incarnation } = world.log
    await old.restart(async () => {
      const { code, stdout, stderr } = await bed.run(['move'], everything())
      console.log(stdout.trim())
      expect({ code, stderr }).toMatchObject({ code: 0 })
      expect(stdout).toMatch(/source-health\/0: 1 records, offsets 2 to 2, equal/)
      expect(stdout).toMatch(/orders\/1: complete to offset \d+, the log has 0 more/)
      await refused('FOLDER_MOVED', ['migrate'], {})
      // As if it had been killed before the server was opened.
      const sign = JSON.stringify({ incarnation, from: folder })
      await server.warehouse.command(`CREATE DATABASE revwall_moving COMMENT '${sign}'`)
      await refused('MOVE_UNFINISHED', ['audit'], everything())
      const again = await bed.run(['move'], everything())
      expect({ code: again.code, stdout: again.stdout }).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('was moved before'),
      })
    })
    // The folder is as it was.
    expect(await world.differences()).toEqual([])
    await world.moveTo(server, { broker: broker.address, prefix: PREFIX })
    expect(world.log.incarnation).toBe(incarnation)
    expect(await world.log.bounds('source-health', 0)).toEqual({ first: 2, next: 3 })
    expect(await world.log.committed(deadLettersGroup('r1'), 'dead-letters', 0)).toBe(2)
    expect(await server.warehouse.query('SELECT name FROM revwall_r1.customers')).toEqual([{ name: 'New' }])
    expect(await world.differences()).toEqual([])
  })

  it('goes on as `revwall up` with Kafka and the server', async () => {
    const { world } = bed
    const up = bed.start(['up', '--no-replay'], everything())
    try {
      const page = await up.page()
      await waitUntil('its readiness', 30_000, async () => (await fetch(`${page}/readyz`)).ok)
      world.sales.begin(seededRandom(9), { orders: 40 })
      await world.settled()
    } finally {
      await up.end('SIGTERM')
    }
    expect(await world.differences()).toEqual([])
  })

  async function hasTopics(): Promise<boolean> {
    const log = await openKafkaLog({
      ...{ brokers: [bed.broker.address], ssl: false, sasl: undefined, prefix: PREFIX, copyOf: 'a look' },
    })
    try {
      return (await log.bounds('orders', 0)).next > 0
    } catch {
      return false
    } finally {
      await log.close()
    }
  }
})
