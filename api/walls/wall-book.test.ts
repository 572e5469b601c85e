import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it } from 'vitest'
import type { WallLayout } from '../../core/contracts/walls.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { openWallBook } from './wall-book.ts'
import { changeWalls, readWalls } from './wall-file.ts'

const HALL: WallLayout = { title: 'Hall', tiles: [{ tile: 'hero', w: 8, h: 9 }] }
const folder = mkdtempSync(join(tmpdir(), 'revwall-walls-'))
const path = join(folder, 'walls.json')
let nowMs = 0
const said: string[] = []
const quiet = () => {}
const logger = {
  ...{ debug: quiet, info: quiet, warn: quiet },
  error: (_what: string, more: { why: string }) => void said.push(more.why),
} as unknown as Logger
const clock = { ...systemClock, now: () => nowMs }

const open = () => openWallBook({ path, clock, logger })
const write = (tenants: object) => writeFileSync(path, JSON.stringify({ version: 1, tenants }))
const later = () => {
  nowMs += 1_000
}

afterEach(() => {
  rmSync(path, { force: true })
  said.length = 0
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('has no walls without a file, and those that another process saves', async () => {
  const [one, other] = [open(), open()]
  expect(one.of('acme')).toEqual({ walls: {}, playlists: {} })
  await other.change('acme', (own) => ({ ...own, walls: { hall: HALL } }))
  expect(other.of('acme').walls).toEqual({ hall: HALL })
  later()
  expect(one.of('acme').walls).toEqual({ hall: HALL })
  expect(one.of('zebra').walls).toEqual({})
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

it('keeps the last good walls when the file goes bad, names the place once, and saves nothing over it', async () => {
  await changeWalls(path, systemClock, () => new Map([['acme', { walls: { hall: HALL }, playlists: {} }]]))
  const book = open()
  expect(book.of('acme').walls).toEqual({ hall: HALL })
  const bad = { ...HALL, tiles: [{ tile: 'hero', w: 2, h: 9 }] }
  write({ acme: { walls: { hall: bad } } })
  later()
  expect([book.of('acme').walls, book.isCurrent()]).toEqual([{ hall: HALL }, false])
  later()
  book.of('acme')
  expect(said).toEqual([
    expect.stringContaining('tenants.acme.walls.hall.tiles.0.w: hero takes at least 5. Mend it'),
  ])
  const before = readFileSync(path, 'utf8')
  await expect(book.change('acme', (own) => own)).rejects.toMatchObject({ code: 'WALLS_UNREADABLE' })
  expect(readFileSync(path, 'utf8')).toBe(before)
  write({ acme: { walls: { other: HALL } } })
  later()
  expect([Object.keys(book.of('acme').walls), book.isCurrent()]).toEqual([['other'], true])
})

it('starts beside a bad file', () => {
  write({ acme: { walls: { default: HALL } } })
  const book = open()
  expect([book.of('acme').walls, book.isCurrent()]).toEqual([{}, false])
  expect(said[0]).toContain('tenants.acme.walls.default')
})

it.each([
  ['a tile twice', { tiles: [HALL.tiles[0], HALL.tiles[0]] }, 'walls.hall.tiles: each tile once'],
  ['a tile that is none', { tiles: [{ tile: 'clock', w: 3, h: 3 }] }, 'walls.hall.tiles.0.tile'],
  ['too wide a tile', { tiles: [{ tile: 'hero', w: 13, h: 9 }] }, 'walls.hall.tiles.0.w'],
  ['half a row', { tiles: [{ tile: 'hero', w: 8, h: 8.5 }] }, 'walls.hall.tiles.0.h'],
  ['no tiles', { tiles: [] }, 'walls.hall.tiles'],
  ['a word that is not known', { colour: 'red' }, 'walls.hall: Unrecognized key'],
  ['another axis', { axis: 'paid' }, 'walls.hall.axis'],
])('refuses %s by its place', (_what, change, place) => {
  write({ acme: { walls: { hall: { ...HALL, ...change } } } })
  expect(() => readWalls(path)).toThrow(`tenants.acme.${place}`)
})

it('refuses a playlist that turns too fast, and JSON that is none', () => {
  write({ acme: { playlists: { tour: { walls: ['hall'], seconds: 1 } } } })
  expect(() => readWalls(path)).toThrow('tenants.acme.playlists.tour.seconds')
  writeFileSync(path, '{')
  expect(() => readWalls(path)).toThrow(`${path} cannot be read`)
})
