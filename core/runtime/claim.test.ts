import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { claimOwner, takeClaim } from './claim.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'revwall-claim-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('is held by one, tells where it is, and is free again after its release', () => {
  const claim = takeClaim(folder, 'engine')!
  expect(takeClaim(folder, 'engine')).toBeUndefined()
  expect(takeClaim(folder, 'replay')).toBeDefined()
  claim.tell({ warehouse: 'http://127.0.0.1:9' })
  expect(claimOwner(folder, 'engine')).toMatchObject({
    pid: process.pid,
    told: { warehouse: 'http://127.0.0.1:9' },
  })
  claim.release()
  expect(claimOwner(folder, 'engine')).toBeUndefined()
  expect(takeClaim(folder, 'engine')).toBeDefined()
})

it('is taken over from the dead, also from half a file that they left', () => {
  takeClaim(folder, 'engine')
  writeFileSync(
    join(folder, 'claims', 'engine.1'),
    JSON.stringify({ pid: process.pid, began: '1', told: {} }),
  )
  expect(claimOwner(folder, 'engine')).toBeUndefined()
  writeFileSync(join(folder, 'claims', 'engine.1'), '{"pid":')
  expect(takeClaim(folder, 'engine')).toBeDefined()
})

it('gives a dead one to exactly one of many that want it at the same moment', async () => {
  const script = `import { takeClaim } from './core/runtime/claim.ts'
    while (Date.now() < Number(process.argv[2])) {}
    process.stdout.write(takeClaim(process.argv[1], 'engine') ? 'mine' : 'no'); setTimeout(() => {}, 1500)`
  const at = String(Date.now() + 4_000)
  takeClaim(folder, 'engine')!.release()
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => {
      const args = ['--import', 'tsx', '--input-type=module', '-e', script, folder, at]
      const child = spawn(process.execPath, args)
      let text = ''
      child.stdout.on('data', (chunk) => {
        text += chunk
      })
      return new Promise<string>((resolve) => child.once('exit', () => resolve(text)))
    }),
  )
  expect(answers.sort()).toEqual(['mine', 'no', 'no', 'no'])
})
