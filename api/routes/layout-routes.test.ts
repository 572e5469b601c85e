import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { WallsAnswer } from '../../core/contracts/walls.ts'
import { openTestAccess, type TestAccess } from '../testing/open-test-access.ts'
import { startTestApi, type TestApi } from '../testing/start-api.ts'

const HALL = { title: 'Hall', tiles: [{ tile: 'hero', w: 8, h: 9 }] }
let api: TestApi
let passes: TestAccess
let folder: string
let wallsFile: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'revwall-layouts-'))
  wallsFile = join(folder, 'walls.json')
  // Nobody is wanted to log in until there is a user.
  passes = openTestAccess({ wanted: false })
  api = await startTestApi({ access: passes.access, wallsFile })
})
afterAll(async () => {
  await api?.stop()
  await passes?.close()
  rmSync(folder, { recursive: true, force: true })
})

type Headers = Record<string, string>
async function post(path: string, payload: object, headers: Headers = {}) {
  const from = { host: new URL(api.url).host, origin: api.url, ...headers }
  const answer = await api.app.inject({ method: 'POST', url: `/api/v1/${path}`, payload, headers: from })
  return { status: answer.statusCode, body: answer.json() }
}
async function read(query = '', headers: Headers = {}): Promise<WallsAnswer> {
  return (await api.app.inject({ url: `/api/v1/walls${query}`, headers })).json()
}

test('a wall is saved by whoever is on this machine, by version, and for one tenant alone', async () => {
  expect(await read()).toEqual({ tenant: 'acme', isCurrent: true, walls: [], playlists: [] })
  const first = await post('walls/save', { name: 'hall', version: null, wall: HALL })
  expect(first.status).toBe(200)
  expect((await read()).walls).toEqual([{ name: 'hall', version: first.body.version, ...HALL }])
  expect((await read('?tenant=zebra')).walls).toEqual([])

  const again = await post('walls/save', { name: 'hall', version: null, wall: HALL })
  expect([again.status, again.body.error.code]).toEqual([409, 'CONFLICT'])
  const wall = { ...HALL, title: 'Big hall', axis: 'sale', hidden: true }
  const second = await post('walls/save', { name: 'hall', version: first.body.version, wall })
  expect(second.status).toBe(200)
  // Somebody who still has the first one open.
  const late = await post('walls/save', { name: 'hall', version: first.body.version, wall: HALL })
  expect([late.status, late.body.error.message]).toEqual([409, 'hall was changed; read it anew.'])
  expect((await read()).walls).toMatchObject([wall])
})

test('a playlist has walls that are there, and goes on without one that is removed', async () => {
  const list = { walls: ['default', 'hall'], seconds: 20 }
  const none = await post('playlists/save', {
    name: 'tour',
    version: null,
    playlist: { ...list, walls: ['hall', 'constructor'] },
  })
  expect([none.status, none.body.error.message]).toEqual([
    400,
    'playlist.walls.1: there is no wall constructor',
  ])
  const saved = await post('playlists/save', { name: 'tour', version: null, playlist: list })
  expect(saved.status).toBe(200)
  const { version } = (await read()).walls[0]!
  expect((await post('walls/remove', { name: 'hall', version: 'another' })).status).toBe(409)
  expect((await post('walls/remove', { name: 'hall', version })).status).toBe(200)
  expect(await read()).toMatchObject({ walls: [], playlists: [{ name: 'tour', ...list }] })
  const end = { name: 'tour', version: saved.body.version, playlist: null }
  expect((await post('playlists/save', end)).status).toBe(200)
  expect((await read()).playlists).toEqual([])
})

test('bad walls are refused by their place, and a bad file is not saved over', async () => {
  const bad = await post('walls/save', {
    name: 'default',
    version: null,
    wall: { ...HALL, tiles: [{ tile: 'hero', w: 1, h: 9 }] },
  })
  expect(bad.body.error.details.map(({ path }: { path: string }) => path)).toEqual(['name', 'wall.tiles.0.w'])
  writeFileSync(wallsFile, '{"version": 1, "tenants": {"zebra": {"walls": {"secret": 1}}}}')
  const refused = await post('walls/save', { name: 'hall', version: null, wall: HALL })
  expect([refused.status, refused.body.error.code]).toEqual([409, 'CONFLICT'])
  expect(JSON.stringify(refused.body)).not.toMatch(/zebra|secret/)
  await expect.poll(async () => (await read()).isCurrent).toBe(false)
  writeFileSync(wallsFile, '{"version": 1, "tenants": {}}')
})

test('with users only an admin saves; viewers, screens and links read', async () => {
  await passes.addUser('ana', 'viewer', ['acme'])
  await passes.addUser('adam', 'admin', ['acme'])
  // The file of users is looked at again after a moment.
  await expect.poll(() => passes.access.areLoginsWanted()).toBe(true)
  const adam = passes.userCookie('adam')
  const save = { name: 'hall', version: null, wall: HALL }
  expect((await post('walls/save', save)).status).toBe(401)
  expect((await post('walls/save', save, passes.userCookie('ana'))).status).toBe(403)
  const { cookie } = passes.screenCookie('acme')
  expect((await post('walls/save', save, { cookie })).status).toBe(403)
  expect((await post('walls/save', save, adam)).status).toBe(200)
  for (const who of [passes.userCookie('ana'), { cookie }, { cookie: passes.shareCookie('acme').cookie }])
    expect((await read('', who)).walls).toMatchObject([{ name: 'hall' }])
})
