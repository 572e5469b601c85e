import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Config, judgeConfig } from '../../core/runtime/env.ts'
import { writeManifest } from './manifest.ts'
import { backUpSmallFiles, requireSameFiles, restoreSmallFiles, takeSmallFiles } from './small-files.ts'

const NAMES = ['endpoints.json', 'ingest-keys.json', 'users.json', 'walls.json']
const TOLD = {
  ...{ version: '0', at: '', shards: 1, databases: [], newestMigration: 0, marks: [], positions: [] },
  log: { kind: 'embedded' as const, incarnation: '', bounds: [] },
}
let top: string
const path = (...names: string[]) => join(top, ...names)
const configOf = (folder: string, more: Record<string, string> = {}): Config =>
  judgeConfig({ REVWALL_DATA: path(folder), ...more }).config
const contentOf = (folder: string) =>
  Object.fromEntries(
    readdirSync(path(folder))
      .sort()
      .map((name) => [name, readFileSync(path(folder, name), 'utf8')]),
  )
const modesOf = (folder: string) =>
  new Set(readdirSync(path(folder)).map((name) => statSync(path(folder, name)).mode & 0o777))

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'revwall-small-files-'))
  for (const name of ['old', 'copy', 'new']) mkdirSync(path(name))
  // Not from here, perhaps, and then with any mode.
  for (const name of NAMES) writeFileSync(path('old', name), `{"of":"${name}"}`, { mode: 0o644 })
  writeFileSync(path('old', 'moved.json'), '{}')
})
afterEach(() => rmSync(top, { recursive: true, force: true }))

const expected = Object.fromEntries(NAMES.map((name) => [name, `{"of":"${name}"}`]))

it('backs up users, walls, keys and endpoints, and restores them for their owner alone', async () => {
  backUpSmallFiles(configOf('old'), path('copy'))
  expect(contentOf('copy')).toEqual(expected)
  expect(modesOf('copy')).toEqual(new Set([0o600]))
  const told = await writeManifest(path('copy'), TOLD, () => {})
  // What is there already is left as it is.
  writeFileSync(path('new', 'walls.json'), '{"of":"somebody"}', { mode: 0o600 })
  const restored = restoreSmallFiles(path('copy'), told, configOf('new'))
  expect(restored.filter(({ isNew }) => !isNew).map(({ name }) => name)).toEqual(['walls.json'])
  expect(contentOf('new')).toEqual({ ...expected, 'walls.json': '{"of":"somebody"}' })
  expect(modesOf('new')).toEqual(new Set([0o600]))
})

it('restores to where the configuration has them, in a folder that is not there yet', async () => {
  backUpSmallFiles(configOf('old'), path('copy'))
  const told = await writeManifest(path('copy'), TOLD, () => {})
  const elsewhere = { REVWALL_USERS: path('etc', 'people.json'), REVWALL_WALLS: path('etc', 'halls.json') }
  restoreSmallFiles(path('copy'), told, configOf('new', elsewhere))
  expect(contentOf('etc')).toEqual({
    'halls.json': expected['walls.json'],
    'people.json': expected['users.json'],
  })
  expect(readdirSync(path('new')).sort()).toEqual(['endpoints.json', 'ingest-keys.json'])
})

it('restores no byte that was changed in the backup since it was looked at', async () => {
  backUpSmallFiles(configOf('old'), path('copy'))
  const told = await writeManifest(path('copy'), TOLD, () => {})
  writeFileSync(path('copy', 'users.json'), '{"of":"an intruder"}')
  expect(() => restoreSmallFiles(path('copy'), told, configOf('new'))).toThrow(/users\.json is not what/)
  expect(readdirSync(path('new'))).toEqual([])
})

it('takes them along to another data folder, twice alike, and refuses another one that is there', () => {
  const taken = takeSmallFiles(path('old'), configOf('new'))
  expect(taken.map(({ name, isNew }) => [name, isNew])).toEqual([
    ['users.json', true],
    ['walls.json', true],
    ['ingest-keys.json', true],
    ['endpoints.json', true],
  ])
  expect(contentOf('new')).toEqual(expected)
  expect(modesOf('new')).toEqual(new Set([0o600]))
  expect(takeSmallFiles(path('old'), configOf('new')).every(({ isNew }) => !isNew)).toBe(true)
  writeFileSync(path('new', 'users.json'), '{"of":"somebody"}')
  expect(() => requireSameFiles(path('old'), configOf('new'))).toThrow(
    expect.objectContaining({ code: 'MOVE_FILES_DIFFER', message: expect.stringContaining('users.json') }),
  )
})

it('takes nothing where the folder stays, and leaves what was named elsewhere where it is', () => {
  expect(takeSmallFiles(path('old'), configOf('old'))).toEqual([])
  writeFileSync(path('people.json'), '{}')
  const named = configOf('new', { REVWALL_USERS: path('people.json') })
  expect(takeSmallFiles(path('old'), named).map(({ name }) => name)).not.toContain('users.json')
  expect(existsSync(path('new', 'users.json'))).toBe(false)
})
