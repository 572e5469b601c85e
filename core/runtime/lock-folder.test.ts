import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { folderOwner, lockFolder } from './lock-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'revwall-lock-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('refuses a second owner in one line that names the first and its page', () => {
  const lock = lockFolder(folder)
  lock.tell({ page: 'http://127.0.0.1:4680', warehouse: 'http://127.0.0.1:9' })
  expect(() => lockFolder(folder)).toThrow(
    `${folder} is in use by another revwall (pid ${process.pid}) at http://127.0.0.1:4680; set REVWALL_DATA or stop it.`,
  )
  expect(folderOwner(folder)).toMatchObject({ warehouse: 'http://127.0.0.1:9' })
  lock.release()
  expect(folderOwner(folder)).toBeUndefined()
  lockFolder(folder).release()
})

it('takes over from an owner that was killed, and from a pid that somebody else has now', async () => {
  const script = `import { lockFolder } from './core/runtime/lock-folder.ts'; lockFolder(process.argv[1]); console.log('locked'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, folder])
  await once(child.stdout, 'data')
  expect(() => lockFolder(folder)).toThrow(/in use/)
  child.kill('SIGKILL')
  await once(child, 'exit')
  lockFolder(folder).release()
  writeFileSync(
    join(folder, 'up.lock'),
    JSON.stringify({ pid: process.pid, began: '1', page: '', warehouse: '' }),
  )
  lockFolder(folder).release()
})

it('takes over half a lock', () => {
  rmSync(folder, { recursive: true, force: true })
  lockFolder(folder).release()
  writeFileSync(join(folder, 'up.lock'), '{"pid":')
  lockFolder(folder).release()
})
