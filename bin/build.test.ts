import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'revwall-build-'))

beforeAll(() => {
  for (const file of ['bin', 'package.json', 'package-lock.json'])
    cpSync(join(ROOT, file), join(folder, file), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const parts = [
    'clickhouse/engine/server-process.ts',
    'processors/orders/compute.worker.ts',
    'processors/forecast/forecast.worker.ts',
    'processors/rfm/values.worker.ts',
    'processors/holidays.worker.ts',
    'processors/anomaly/orders/fit-orders.worker.ts',
  ]
  for (const part of parts) {
    mkdirSync(join(folder, part, '..'), { recursive: true })
    writeFileSync(join(folder, part), '')
  }
  writeFileSync(join(folder, 'said.ts'), "export const said: string = 'one'\n")
  writeFileSync(
    join(folder, 'revwall.ts'),
    "import { said } from './said.ts'\nconsole.log(said, import.meta.url.endsWith('.js') ? 'built' : 'source')\n",
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const node = (file: string) => {
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'bin', file)], { encoding: 'utf8' })
  return `${stdout}${stderr}`.trim()
}

it('runs the sources until they are built, and again once one of them is changed or gone', () => {
  expect(node('revwall.js')).toBe('one source')
  expect(node('build.js')).toBe('')
  expect(node('revwall.js')).toBe('one built')
  writeFileSync(join(folder, 'said.ts'), "export const said: string = 'two'\n")
  expect(node('revwall.js')).toBe('two source')
  expect(node('build.js')).toBe('')
  expect(node('revwall.js')).toBe('two built')
  rmSync(join(folder, 'said.ts'))
  expect(node('revwall.js')).toContain('Cannot find module')
})
