#!/usr/bin/env node
// `npm run build`, behind the page: the program, into dist/. Packages stay where npm put them.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { BUILT_FOLDER, digestOf, SOURCES_FILE } from './built.js'

/** What is started by itself; core/runtime/program.ts looks for these names. */
export const PARTS = [
  'revwall.ts',
  'clickhouse/engine/server-process.ts',
  'processors/orders/compute.worker.ts',
  'processors/forecast/forecast.worker.ts',
  'processors/rfm/values.worker.ts',
  'processors/holidays.worker.ts',
  'processors/anomaly/orders/fit-orders.worker.ts',
]

/** Bundles what the parts import of `root`'s own files into its folder `into`. */
export async function buildProgram(root, parts, into = BUILT_FOLDER) {
  const outdir = join(root, into)
  rmSync(outdir, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: parts.map((part) => ({
      in: part,
      out: part.slice(part.lastIndexOf('/') + 1, -'.ts'.length),
    })),
    outdir,
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    metafile: true,
    logLevel: 'warning',
  })
  const files = [...Object.keys(metafile.inputs), 'package-lock.json'].sort()
  writeFileSync(join(outdir, SOURCES_FILE), JSON.stringify({ files, digest: digestOf(root, files) }))
}

if (process.argv[1] !== undefined && pathToFileURL(process.argv[1]).href === import.meta.url)
  await buildProgram(fileURLToPath(new URL('..', import.meta.url)), PARTS)
