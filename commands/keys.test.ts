import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../core/runtime/clock.ts'
import { readConfig } from '../core/runtime/env.ts'
import { silentLogger } from '../core/runtime/logger.ts'
import { openKeyBook } from '../ingest/http/key-book.ts'
import { keyFilePath } from '../ingest/http/key-file.ts'
import type { CommandContext } from './command.ts'
import { keys } from './keys.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'revwall-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function run(...args: string[]): Promise<string> {
  const printed: string[] = []
  const context = {
    config: readConfig({ REVWALL_DATA: join(folder, 'data') }),
    logger: silentLogger,
    args,
    print: (line: string) => void printed.push(line),
    signal: new AbortController().signal,
  }
  expect(await keys.run(context as unknown as CommandContext)).toBe(0)
  return printed.join('\n')
}

const find = (key: string) =>
  openKeyBook({ path: keyFilePath(join(folder, 'data')), clock: systemClock, logger: silentLogger }).find(key)

test('a key is made, shown once, listed, and revoked', async () => {
  expect(await run('list')).toContain('There are no keys')
  const key = /^rvw_\w+$/m.exec(await run('add', '--tenant', 'online-retail', '--name', 'till 1'))![0]
  const id = key.split('_')[1]!
  expect(find(key)).toEqual({ id, tenant: 'online-retail' })
  const listed = await run('list')
  expect(listed).toMatch(new RegExp(`^${id}  online-retail  made \\S+  open  till 1$`))
  expect(listed).not.toContain(key)
  await run('revoke', id)
  expect(find(key)).toBeUndefined()
  expect(await run('list')).toMatch(/ {2}revoked \S+ {2}till 1$/)
})

test.each([
  [['add'], 'BAD_USAGE', /--tenant is wanted: online-retail/],
  [['add', '--tenant', 'nobody'], 'UNKNOWN_TENANT', /nobody/],
  [['revoke'], 'BAD_USAGE', /id is wanted/],
  [['revoke', 'xxxxxxxx'], 'UNKNOWN_KEY', /revwall keys list/],
  [[], 'BAD_USAGE', /add, list or revoke/],
])('%j is refused with what to do', async (args, code, message) => {
  await expect(run(...args)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})
