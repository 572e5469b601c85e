import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requirePrincipals } from './auth/principal.ts'
import { servePage } from './serve-page.ts'

const folder = mkdtempSync(join(tmpdir(), 'revwall-page-'))
let app: FastifyInstance
beforeAll(() => {
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<title>revwall</title>')
  writeFileSync(join(folder, 'assets', 'a-1234.js'), '1')
  mkdirSync(join(folder, 'icons'))
  writeFileSync(join(folder, 'icons', 'icon.svg'), '<svg/>')
  writeFileSync(join(folder, 'manifest.webmanifest'), '{}')
  app = fastify()
  requirePrincipals(app, () => {
    throw new Error('the page is for everybody')
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: {} }))
  servePage(app, folder)
})
afterAll(async () => {
  await app.close()
  rmSync(folder, { recursive: true })
})

test('the page needs no principal and is asked for anew each time', async () => {
  const { statusCode, body, headers } = await app.inject('/')
  expect([statusCode, headers['cache-control']]).toEqual([200, 'no-cache'])
  expect(body).toContain('revwall')
})

test('files whose name has their hash are kept', async () => {
  const { headers } = await app.inject('/assets/a-1234.js')
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
})

test.each(['/nothing', '/../package.json', '/%2e%2e/%2e%2e/etc/passwd', '/assets/'])(
  '%s is not there',
  async (url) => {
    expect([403, 404]).toContain((await app.inject(url)).statusCode)
  },
)

test('where logins are wanted, name and drawing are for everybody, as a phone asks for them; the wall is not', async () => {
  const closed = fastify()
  requirePrincipals(closed, () => {
    throw new Error('nobody is known')
  })
  servePage(closed, folder, { areLoginsWanted: () => true, gate: undefined })
  const told = async (url: string) => {
    const { statusCode, headers } = await closed.inject(url)
    return [statusCode, String(headers['content-type'] ?? headers.location)]
  }
  expect(await told('/manifest.webmanifest')).toEqual([
    200,
    expect.stringContaining('application/manifest+json'),
  ])
  expect(await told('/icons/icon.svg')).toEqual([200, expect.stringContaining('image/svg+xml')])
  expect(await told('/')).toEqual([302, '/login'])
  expect(await told('/icons/../index.html')).toEqual([302, expect.stringContaining('/login')])
  await closed.close()
})
