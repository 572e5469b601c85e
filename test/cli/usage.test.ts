import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Ran, runRevwall } from './run-revwall.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder('usage')
afterAll(() => folder.remove())
const data = join(folder.path, 'data')
const run = (args: readonly string[], env = {}) => runRevwall(args, { REVWALL_DATA: data, ...env }, 20_000)

describe('a wrong call', () => {
  it.each([
    [['dance'], 'there is no command dance'],
    [['up', '--dance'], "'--dance'"],
    [['migrate', '--dance'], "'--dance'"],
    [['replay', '--dance'], "'--dance'"],
    [['audit', '--dance'], "'--dance'"],
    [['sql', '--dance'], "'--dance'"],
    [['doctor', '--dance'], "'--dance'"],
    [['up', 'dance'], 'dance'],
    [['up', '--speed', 'fast'], 'fast'],
    [['up', '--speed', '0'], 'above 0'],
    [['replay'], 'one file is wanted'],
    [['replay', '/no/such/file.csv', '--all'], '/no/such/file.csv'],
    [['sql'], 'one query'],
    [['sql', '--tenant', 'nobody', 'SELECT 1'], 'nobody'],
  ])('%j is refused in one clear line', { timeout: 60_000 }, async (args, told) => {
    const ran = await run(args)
    expectOneLine(ran)
    expect(ran.stderr).toContain(told)
    console.log(ran.stderr.trim())
  })

  it('is told all faults of the configuration at once', { timeout: 60_000 }, async () => {
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

  it('left no data behind', () => {
    expect(existsSync(join(data, 'up.lock'))).toBe(false)
  })
})

function expectOneLine({ code, stdout, stderr }: Ran): void {
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr.trim().split('\n'), stderr).toHaveLength(1)
  expect(stderr).toMatch(/^revwall: /)
}
