import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RevwallProcess, startRevwall } from './revwall-process.ts'
import { type Ran, runRevwall } from './run-revwall.ts'
import { sliceFile } from './slice-file.ts'
import { temporaryFolder } from './temporary-folder.ts'

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
}, 90_000)

afterAll(async () => {
  await up?.dispose()
  folder.remove()
})

describe('revwall sql', { timeout: 60_000 }, () => {
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

  it('knows no tenant that is not configured, and makes no user for it', async () => {
    const { code, stderr } = await run('sql', '--tenant', 'nobody', 'SELECT 1')
    const known = readFileSync(`${data}/clickhouse/passwords.json`, 'utf8')
    console.log(stderr.trim())
    expect(code).toBe(1)
    expect(known).not.toContain('nobody')
    expect(stderr).toContain('tenant nobody is not configured')
  })
})
