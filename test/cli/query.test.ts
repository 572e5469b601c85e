import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RevwallProcess, startRevwall } from './revwall-process.ts'
import { type Ran, runRevwall } from './run-revwall.ts'
import { sliceFile } from './slice-file.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { waitUntil } from './wait-until.ts'

const folder = temporaryFolder('query')
const data = `${folder.path}/data`
const run = (...args: string[]) => runRevwall(args, { REVWALL_DATA: data })
const SUM =
  'SELECT count() AS buckets, sum(booked_revenue) AS revenue, sum(booked_orders) AS orders FROM revwall.v1_headline'
let up: RevwallProcess | undefined
let alone: Ran

beforeAll(async () => {
  const file = sliceFile(folder.path, 10_000)
  expect(await run('replay', file, '--all')).toMatchObject({ code: 0 })
  alone = await run('sql', '--json', SUM)
  up = startRevwall({ args: ['up', '--no-replay'], folder: data })
  await up.page()
})

afterAll(async () => {
  await up?.dispose()
  folder.remove()
})

describe('revwall sql', () => {
  it('answers the same beside a running `up` and without one', async () => {
    const beside = await run('sql', '--json', SUM)
    console.log(`without up: ${alone.stdout.trim()}; beside it: ${beside.stdout.trim()}`)
    expect(alone).toMatchObject({ code: 0 })
    expect(beside).toMatchObject({ code: 0, stdout: alone.stdout })
    expect(Number(JSON.parse(alone.stdout).orders)).toBeGreaterThan(0)
  })

  it('prints a table for people', async () => {
    const { code, stdout } = await run('sql', 'SELECT 1 AS one, NULL AS nothing')
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toEqual(['one  nothing', '  1        —'])
    console.log(stdout.trim().replace('\n', ' / '))
  })

  it.each([
    "INSERT INTO revwall_r1.headline_v1 (tenant, day) VALUES ('online-retail', '2011-01-01')",
    'DROP TABLE revwall_r1.order_changes',
    'SELECT * FROM system.users',
    "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'x Int8')",
  ])('refuses the analyst: %s', async (query) => {
    const { code, stdout, stderr } = await run('sql', query)
    console.log(`${query.slice(0, 40)} → exit ${code}: ${stderr.trim().slice(0, 120)}`)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^revwall: .*CLICKHOUSE_\d+/s)
    expect(stderr).not.toMatch(/^ +at /m)
  })

  it('reads no file of this machine for the analyst, not even with the function that needs no grant', async () => {
    const { code, stdout, stderr } = await run('sql', `SELECT file('${data}/clickhouse/passwords.json')`)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('file() is switched off')
  })

  it('knows no tenant that is not configured, and makes no user for it', async () => {
    const { code, stderr } = await run('sql', '--tenant', 'nobody', 'SELECT 1')
    const known = readFileSync(`${data}/clickhouse/passwords.json`, 'utf8')
    console.log(stderr.trim())
    expect(code).toBe(1)
    expect(known).not.toContain('nobody')
    expect(stderr).toContain('tenant nobody is not configured')
  })
})

describe('revwall analyst', () => {
  it('prints strings by which another program gets in, and no further than the views', async () => {
    const { code, stdout } = await run('analyst')
    expect(code).toBe(0)
    const address = new URL(/^http +(\S+)$/m.exec(stdout)![1]!)
    const authorization = `Basic ${Buffer.from(`${address.username}:${address.password}`).toString('base64')}`
    const ask = (body: string) =>
      fetch(`${address.origin}/${address.search}`, { method: 'POST', body, headers: { authorization } })
    expect(await (await ask('SELECT uniqExact(tenant), any(tenant) FROM v1_headline')).text()).toBe(
      '1\tonline-retail\n',
    )
    expect((await ask('SELECT * FROM revwall_r1.headline_v1')).ok).toBe(false)
    for (const form of ['curl', 'jdbc', 'dsn', 'fields', 'password'])
      expect(stdout).toMatch(new RegExp(`^${form} +\\S`, 'm'))
    expect(stdout).toContain(`${data}/clickhouse/passwords.json`)
    console.log(stdout.replaceAll(address.password, '…').trim())
  })
})

describe('revwall rates', () => {
  it('brings the rates of a file into ClickHouse, beside a running `up`', async () => {
    const file = `${folder.path}/rates.csv`
    writeFileSync(file, 'day,base,quote,rate,provider\n2024-03-01,EUR,GBP,0.8561,ECB\n')
    expect(await run('rates', file)).toMatchObject({
      code: 0,
      stdout: '1 rates of online-retail are on the log\n',
    })
    const told = await waitUntil('the rate in ClickHouse', 30_000, async () => {
      const { stdout } = await run('sql', '--json', 'SELECT day, rate FROM revwall.v1_rates')
      return stdout !== '' && stdout
    })
    expect(told).toBe('{"day":"2024-03-01","rate":"0.8561"}\n')
  })
})
