import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { processesOn } from './process-tree.ts'
import { type Ran, runRevwall } from './run-revwall.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder('usage')
afterAll(() => folder.remove())
/** Of a call that should have been refused and runs on instead. */
const TIMEOUT_MS = 60_000
let calls = 0

/** A folder for each: what one call leaves behind by a fault must not fail the next. */
function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  calls += 1
  return runRevwall(args, { REVWALL_DATA: join(folder.path, String(calls)), ...env }, TIMEOUT_MS)
}

describe('a wrong call', () => {
  it.each([
    [['dance'], 'there is no command dance'],
    [['up', '--dance'], "'--dance'"],
    [['migrate', '--dance'], "'--dance'"],
    [['replay', '--dance'], "'--dance'"],
    [['audit', '--dance'], "'--dance'"],
    [['sql', '--dance'], "'--dance'"],
    [['doctor', '--dance'], "'--dance'"],
    [['ingest', '--dance'], "'--dance'"],
    [['process', '--dance'], "'--dance'"],
    [['api', '--dance'], "'--dance'"],
    [['dead-letters', 'dance'], 'not "dance"'],
    [['segments', 'dance'], 'segments takes rules'],
    [['segments', 'rules', 'dance'], 'segments rules takes list, show, set'],
    [['segments', 'rules', 'set'], 'one file is wanted'],
    [['up', 'dance'], 'dance'],
    [['up', '--speed', 'fast'], 'fast'],
    [['up', '--speed', '0'], 'above 0'],
    [['replay'], 'one file is wanted'],
    [['replay', '/no/such/file.csv', '--all'], '/no/such/file.csv'],
    [['simulate', '--dance'], "'--dance'"],
    [['simulate', 'dance'], 'dance'],
    [['simulate', '--from', '2099-01-01'], "'--from'"],
    [['simulate', '--rate', '0'], '--rate must be above 0'],
    [['simulate', '--rate', 'fast'], '--rate takes a number, not fast'],
    [['simulate', '--rate', '20001'], '--rate must be above 0 and at most 20000'],
    [['simulate', '--years', '0'], '--years must be above 0'],
    [['simulate', '--years=-1'], '--years must be above 0'],
    [['simulate', '--years', '21', '--all'], 'at most 20'],
    [['simulate', '--seed', '1.5'], '--seed must be a whole number'],
    [['simulate', '--growth', '11'], '--growth must be a number from -0.9 to 10'],
    [['simulate', '--customers-per-year', '0'], '--customers-per-year must be'],
    [['simulate', '--products-per-year', '1e9'], '--products-per-year must be'],
    [['simulate', '--orders', '5'], '--orders needs --all'],
    [['simulate', '--all', '--orders', '0'], '--orders must be'],
    [['simulate', '--all', '--orders', '1.5'], '--orders must be'],
    [['simulate', '--tenant', 'nobody'], 'tenant nobody is not configured'],
    [['simulate', '--all', '--ledger', '/no/such/folder/ledger.json'], '--ledger: /no/such/folder'],
    [['sql'], 'one query'],
    [['sql', '--tenant', 'nobody', 'SELECT 1'], 'nobody'],
  ])('%j is refused in one clear line', async (args, told) => {
    const ran = await run(args)
    expectOneLine(ran, FAILED.has(told) ? 1 : 64)
    expect(ran.stderr).toContain(told)
    console.log(lastLine(ran.stderr))
  })

  it('is told all faults of the configuration at once', async () => {
    const faults = {
      PORT: '70000',
      REVWALL_SPEED: '-1',
      REVWALL_PARTITIONS: 'many',
      REVWALL_TENANTS: '[{"id":"Shop!"}]',
      REVWALL_LOG_LEVEL: 'loud',
      CLICKHOUSE_URL: 'ftp://nowhere',
      REVWALL_SPED: '60',
    }
    const { code, stderr, stdout } = await run(['up'], faults)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    for (const name of Object.keys(faults)) expect(stderr).toContain(`  ${name}`)
    expect(stderr).not.toMatch(/^ +at /m)
    console.log(`${Object.keys(faults).length} faults told at once, exit ${code}`)
  })

  it('leaves no folder locked and nothing running', () => {
    const locked = readdirSync(folder.path).filter((name) => existsSync(join(folder.path, name, 'up.lock')))
    console.log(`${calls} calls, ${locked.length} locked folders`)
    expect(locked).toEqual([])
    expect(processesOn(folder.path)).toEqual([])
  })
})

/** Tried, and no wrong call. */
const FAILED = new Set(['/no/such/file.csv', 'nobody', 'tenant nobody is not configured'])

/** In front of it only the embedded ClickHouse may have told that it came and went. */
function expectOneLine({ code, stdout, stderr }: Ran, wanted: number): void {
  expect({ code, stdout }, stderr).toEqual({ code: wanted, stdout: '' })
  const lines = stderr.trim().split('\n')
  expect(
    lines.filter((line) => !/^(clickhouse is|migrated: )/.test(line)),
    stderr,
  ).toHaveLength(1)
  expect(lastLine(stderr)).toMatch(/^revwall: /)
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
