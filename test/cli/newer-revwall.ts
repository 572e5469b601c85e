// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the migrations' own placeholder.
/** The next version of revwall, as its data knows it: the same program in a folder of its own, with a changed view more. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { headlineV2 } from '../views/changed-views.ts'
import { ROOT } from './revwall-process.ts'

export const NEWER_STEPS = 2
const PROGRAM = [
  'bin',
  'package-lock.json',
  'revwall.ts',
  'tsconfig.json',
  'api',
  'clickhouse',
  'commands',
  'core',
  'ingest',
  'processors',
]
const DATABASE = 'the_database'

export function makeNewerRevwall(root: string): void {
  mkdirSync(root, { recursive: true })
  for (const name of PROGRAM) cpSync(join(ROOT, name), join(root, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  const told = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as object
  writeFileSync(join(root, 'package.json'), JSON.stringify({ ...told, version: '99.0.0' }))
  const { createTable, createView } = headlineV2(DATABASE)
  const migration = (name: string, text: string) =>
    writeFileSync(join(root, 'clickhouse/migrations', name), text.replaceAll(DATABASE, '${database}'))
  migration('9001_headline_v2.sql', createTable)
  migration('9002_headline_v2_mv.sql', `-- view headline\n${createView}`)
  execFileSync(process.execPath, ['bin/build.js'], { cwd: root })
}
