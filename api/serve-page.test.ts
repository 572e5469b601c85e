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
