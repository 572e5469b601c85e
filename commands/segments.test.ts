import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { DEFAULT_SEGMENT_RULES } from '../core/segments/segment-rules.ts'
import { runRevwall } from '../test/cli/run-revwall.ts'
import { temporaryFolder } from '../test/cli/temporary-folder.ts'
import { parseRules } from './segments.ts'

const folder = temporaryFolder('segments')
afterAll(() => folder.remove())

const run = (...args: string[]) => runRevwall(['segments', 'rules', ...args], { REVWALL_DATA: folder.path })

it('stores rules of a file as a version, which is a function of ClickHouse then', async () => {
  const shown = await run('show')
  expect([shown.code, JSON.parse(shown.stdout)]).toEqual([0, DEFAULT_SEGMENT_RULES])
  const file = join(folder.path, 'rules.json')
  writeFileSync(file, shown.stdout)
  expect((await run('set', file)).stdout).toBe('revwall_segment_v1, the newest, says that already\n')

  writeFileSync(file, JSON.stringify({ ...DEFAULT_SEGMENT_RULES, otherwise: 'regular' }))
  expect((await run('set', file, '--by', 'ana')).stdout).toBe('stored as revwall_segment_v2\n')
  const list = (await run('list')).stdout.trim().split('\n')
  expect(list[0]).toMatch(/^revwall_segment_v1 {2}brought along {2}champions, loyal,/)
  expect(list[1]).toMatch(/^revwall_segment_v2 {2}20\S+Z ana {2}champions, loyal,/)
  expect((await run('show', '2', '--sql')).stdout).toMatch(/^CREATE FUNCTION .*_v2 .*, 'regular'\)\n$/)
  const missing = await run('show', '3')
  expect(missing.code).toBe(1)
  expect(missing.stderr).toMatch(/^revwall: there is no version 3; the newest is 2 \(UNKNOWN_VERSION\)$/m)
  // Whoever asks as an analyst has it too, by a server of its own here.
  const asked = await runRevwall(
    ['sql', 'SELECT revwall_segment_v2(400, 1, 5) AS a, revwall_segment_v1(400, 1, 5) AS b'],
    {
      REVWALL_DATA: folder.path,
    },
  )
  expect(asked.stdout).toMatch(/regular\s+.*lost/s)
}, 120_000)

it('says where a file is wrong', () => {
  expect(() => parseRules('{')).toThrow(/not JSON/)
  expect(() => parseRules(JSON.stringify({ ...DEFAULT_SEGMENT_RULES, version: 2 }))).toThrow(/version/)
  const rules = [{ to: 'lost', when: [{ of: 'age', is: '<=', value: 1 }] }]
  expect(() => parseRules(JSON.stringify({ ...DEFAULT_SEGMENT_RULES, rules }))).toThrow(/rules\.0\.when\.0/)
  expect(() => parseRules(JSON.stringify({ ...DEFAULT_SEGMENT_RULES, otherwise: 'nobody' }))).toThrow(
    /name one of `segments`/,
  )
})
