/** DESIGN.md's arrows between rooms: who may import whom. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What each room may import besides itself. commands/ and revwall.ts put the rooms together; tests may use all. */
const ARROWS: Record<string, string[]> = {
  core: [],
  clickhouse: ['core'],
  ingest: ['core'],
  processors: ['clickhouse', 'core'],
  api: ['clickhouse', 'core'],
  ui: ['core/contracts'],
  commands: ['api', 'clickhouse', 'core', 'ingest', 'processors'],
}
/** Only the command and the configuration read the environment. */
const MAY_READ_ENVIRONMENT = ['revwall.ts', 'core/runtime/env.ts']

it('lets each room import only what the arrows of DESIGN.md allow', () => {
  const wrong = productFiles().flatMap((file) =>
    importsOf(file)
      .filter((target) => !isAllowed(roomOf(file), target))
      .map((target) => `${file} → ${target}`),
  )
  expect(wrong).toEqual([])
})

it('keeps packages of the server out of what a browser loads', () => {
  const contracts = productFiles().filter((file) => file.startsWith('core/contracts/'))
  const packages = contracts.flatMap((file) => packagesOf(file).map((name) => `${file}: ${name}`))
  expect(packages.filter((line) => !line.endsWith(': zod'))).toEqual([])
  expect(contracts.length).toBeGreaterThan(10)
})

it('reads the environment in one place', () => {
  const readers = productFiles().filter((file) => /process\.env\b/.test(textOf(file)))
  expect(readers.filter((file) => !MAY_READ_ENVIRONMENT.includes(file))).toEqual([])
})

it('gives every room a README of at most 30 lines', () => {
  for (const room of [...Object.keys(ARROWS), 'deploy']) {
    const lines = textOf(join(room, 'README.md')).trimEnd().split('\n').length
    expect(lines, `${room}/README.md`).toBeLessThanOrEqual(30)
  }
})

function isAllowed(room: string, target: string): boolean {
  const to = roomOf(target)
  if (to === room || room === 'revwall.ts') return true
  return (ARROWS[room] ?? []).some((allowed) => target === allowed || target.startsWith(`${allowed}/`))
}

function roomOf(file: string): string {
  return file.split('/')[0]!
}

/** Everything that is shipped: tests, fixtures and mocks may reach further. */
function productFiles(): string[] {
  const rooms = Object.keys(ARROWS).flatMap((room) => filesBelow(room))
  return ['revwall.ts', ...rooms].filter(
    (file) => !/\.test\.ts$|\/testing\/|^ui\/mock\/|\/conformance/.test(file),
  )
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory())
      return entry.name === 'dist' || entry.name === 'node_modules' ? [] : filesBelow(path)
    return /\.(ts|svelte)$/.test(entry.name) ? [path] : []
  })
}

/** Relative imports, as paths from the root. */
function importsOf(file: string): string[] {
  return specifiersOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(ROOT, resolve(ROOT, dirname(file), specifier)))
}

function packagesOf(file: string): string[] {
  return specifiersOf(file).filter((specifier) => !specifier.startsWith('.'))
}

function specifiersOf(file: string): string[] {
  return [...textOf(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!)
}

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}
