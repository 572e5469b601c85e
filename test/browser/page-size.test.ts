/** What a wall loads before it shows anything: its own JavaScript, as index.html of the built page names it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { ROOT } from '../cli/revwall-process.ts'

const DIST = join(ROOT, 'ui/dist')
const MAX_BYTES = 120_000
/** Loaded when they are used. */
const LATER = ['EditWall', 'AskedTile', 'LaidWall', 'WallsDialog', 'ProofDialog']

it('is less than 120 KB of gzip, without the editor, its dialogs and the tiles that few walls have', () => {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8')
  const scripts = [...new Set(html.match(/assets\/[\w.-]+\.js/g))]
  expect(scripts.length).toBeGreaterThan(0)
  const sizes = scripts.map((name) => gzipSync(readFileSync(join(DIST, name))).length)
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  console.log(`the page's own JavaScript: ${bytes} bytes of gzip in ${scripts.length} files`)
  expect(bytes).toBeLessThan(MAX_BYTES)
  for (const name of LATER) {
    expect([name, html.includes(name)]).toEqual([name, false])
    // Else it would be in one of the others.
    expect([
      name,
      scripts.some((script) => readFileSync(join(DIST, script), 'utf8').includes(`${name}-`)),
    ]).toEqual([name, true])
  }
})
