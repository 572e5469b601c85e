/** Set-ups that are broken one way each: the line of each failure says what to do. */
import { chmodSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { hashPassword } from '../../api/auth/hash-password.ts'
import { type RevwallProcess, startRevwall } from './revwall-process.ts'
import { runRevwall } from './run-revwall.ts'
import { runningWarehouse } from './running-warehouse.ts'
import { temporaryFolder } from './temporary-folder.ts'

const report = z.object({
  ok: z.boolean(),
  checks: z.array(z.object({ what: z.string(), state: z.enum(['ok', 'fail', 'skip']), text: z.string() })),
})
const folder = temporaryFolder('doctor')
const data = join(folder.path, 'data')
let busy: Server
let up: RevwallProcess | undefined

async function examine(env: Record<string, string> = {}) {
  const all = { REVWALL_DATA: data, REVWALL_INGEST_PORT: '0', ...env }
  const { code, stdout, stderr } = await runRevwall(['doctor', '--json'], all)
  if (!stdout.startsWith('{')) throw new Error(stdout + stderr)
  const { ok, checks } = report.parse(JSON.parse(stdout))
  expect(code).toBe(ok ? 0 : 1)
  const failures = checks.filter(({ state }) => state === 'fail').map(({ what, text }) => `${what}: ${text}`)
  console.log(failures.join('\n') || 'all is well')
  return { checks, failures }
}

async function change(...statements: string[]): Promise<void> {
  const warehouse = runningWarehouse(data)
  for (const statement of statements) await warehouse.command(statement)
  await warehouse.close()
}

describe('revwall doctor', () => {
  beforeAll(async () => {
    busy = createServer()
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve))
    up = startRevwall({ args: ['up', '--no-replay'], folder: data })
    await up.page()
  })

  afterAll(async () => {
    busy?.close()
    await up?.dispose()
    folder.remove()
  })

  it('finds nothing wrong beside a running `up`', async () => {
    const { checks, failures } = await examine()
    expect(failures).toEqual([])
    expect(checks.every(({ state }) => state === 'ok')).toBe(true)
    expect(checks.map(({ what }) => what)).toContain('views')
  })

  it('names every fault of the configuration, and goes on with the rest', async () => {
    const env = { REVWALL_SPED: '60', REVWALL_SPEED: '-1', REVWALL_TENANTS: '{', REVWALL_PARTITIONS: '3' }
    const { failures } = await examine(env)
    expect(failures[0]).toMatch(
      /^config: REVWALL_SPED: .*REVWALL_TENANTS: not JSON.*REVWALL_SPEED: above 0.*unset it/,
    )
    expect(failures.find((line) => line.startsWith('log: '))).toMatch(
      /has 1 partitions, not 3; keep the number/,
    )
  })

  it('names a port that is taken, and two that are the same', async () => {
    const { port } = busy.address() as { port: number }
    const elsewhere = { REVWALL_DATA: join(folder.path, 'new'), CLICKHOUSE_URL: 'http://127.0.0.1:1' }
    const taken = await examine({ ...elsewhere, PORT: String(port), REVWALL_INGEST_PORT: '0' })
    expect(taken.failures[0]).toMatch(/^port: \d+ cannot be used .*set PORT to another/)
    expect(taken.failures[1]).toMatch(/^clickhouse: .*127\.0\.0\.1:1.*CLICKHOUSE_URL/)
    const same = await examine({ ...elsewhere, PORT: '4999', REVWALL_INGEST_PORT: '4999' })
    expect(same.failures.join()).toMatch(/both 4999: set REVWALL_INGEST_PORT/)
  })

  it('names a Redis that is not there', async () => {
    const { failures } = await examine({ REDIS_URL: 'redis://:secret@127.0.0.1:1/0' })
    expect(failures).toHaveLength(1)
    expect(failures[0]).toMatch(/^redis: 127\.0\.0\.1:1: .*ECONNREFUSED.*put REDIS_URL right/)
    expect(failures[0]).not.toContain('secret')
  })

  it('names a folder that cannot be written', async () => {
    // Not by its mode: nothing is forbidden to root.
    writeFileSync(join(folder.path, 'file'), '')
    const { failures, checks } = await examine({ REVWALL_DATA: join(folder.path, 'file', 'data') })
    expect(failures).toHaveLength(1)
    expect(failures[0]).toMatch(/^disk: .*file\/data cannot be written .*set REVWALL_DATA/)
    expect(checks.filter(({ state }) => state === 'skip').length).toBeGreaterThanOrEqual(4)
  })

  it('names each fault of the file of users, and of the one of walls, and what to do', async () => {
    const file = (name: string) => join(folder.path, name)
    const env = { REVWALL_USERS: file('people.json'), REVWALL_WALLS: file('halls.json') }
    const secret = `scrypt:${'A'.repeat(40)}`
    const ana = {
      ...{ name: 'ana', role: 'admin', tenants: ['online-retail'] },
      ...{ password: await hashPassword('a good password'), changedAt: '2026-01-01T00:00:00Z' },
    }
    const told = async (users: string, mode: number, walls = '{"version":1,"tenants":{}}') => {
      writeFileSync(env.REVWALL_USERS, users)
      chmodSync(env.REVWALL_USERS, mode)
      writeFileSync(env.REVWALL_WALLS, walls)
      const { failures } = await examine(env)
      expect(failures.join()).not.toContain(secret)
      return failures
    }
    const write = (...users: object[]) => JSON.stringify({ version: 1, users })

    expect((await examine(env)).failures).toEqual([
      expect.stringMatching(/^users: .*people\.json is not there.*revwall users add/),
    ])
    expect(await told(write(ana), 0o644)).toEqual([
      expect.stringMatching(/^users: others may read or change .* \(mode 0644\): chmod 600 .*people\.json$/),
    ])
    expect(await told(write(ana, { ...ana, role: 'chief', password: secret }, ana), 0o600)).toEqual([
      expect.stringMatching(
        /^users: .*users\.1\.role: .*users\.1\.password: a hash that.*Mend it or restore/,
      ),
    ])
    const bad = '{"version":1,"tenants":{"acme":{"walls":{"hall":{"title":"Hall","tiles":[]}}}}}'
    expect(await told(write(ana, ana), 0o600, bad)).toEqual([
      expect.stringMatching(/^users: .*users\.1\.name: a second ana.*Mend it or restore it/),
      expect.stringMatching(/^walls: .*tenants\.acme\.walls\.hall\.tiles: .*Mend it or restore it/),
    ])
    expect(await told(`${secret} is no JSON`, 0o600)).toEqual([
      expect.stringMatching(/^users: .*it is no JSON. Mend it or restore it/),
    ])
    expect(await told(write(), 0o600)).toEqual([
      expect.stringMatching(/nobody who can log in: revwall users/),
    ])
    expect(await told(write(ana), 0o600)).toEqual([])
  })

  it('names more memory than there is', async () => {
    const { failures } = await examine({ REVWALL_CLICKHOUSE_MEMORY_MB: '900000' })
    expect(failures[0]).toMatch(/^memory: .*set REVWALL_CLICKHOUSE_MEMORY_MB to less than \d+/)
  })

  it('names a view that was dropped, a column that was added, and how to mend both', async () => {
    await change(
      'DROP VIEW revwall_r1.headline_v1_mv SYNC',
      'ALTER TABLE revwall_r1.products_v1 ADD COLUMN mine Int8',
    )
    const { failures } = await examine()
    expect(failures).toHaveLength(1)
    expect(failures[0]).toMatch(
      /^views: .*headline_v1_mv is missing: make it as clickhouse\/migrations\/0003_/,
    )
    expect(failures[0]).toContain('revwall audit --mend')
    expect(failures[0]).toMatch(
      /products_v1 has the column mine Int8: drop it: ALTER TABLE revwall_r1\.products_v1 DROP COLUMN mine/,
    )
  })

  it('refuses a database of a newer revwall', async () => {
    await change(
      `INSERT INTO revwall.migrations SELECT 'revwall_r1', 9999, '9999_later', repeat('0', 64), now64(3), '99.0.0'`,
    )
    const { failures } = await examine()
    expect(failures[0]).toMatch(/^guard: .*newer revwall.*9999_later.*Install the newer version/)
  })
})
