#!/usr/bin/env node
// `npm run bench`: built before it runs, as the program is. From sources, module by module, hot loops are up to five times as
// slow, and nobody runs the program so.
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { buildProgram, PARTS } from './build.js'
import { BUILT_FOLDER, builtProgram } from './built.js'

const FOLDER = join(BUILT_FOLDER, 'bench')
/** What is started by itself; bench/bench-part.ts looks for these names. */
const BENCH_PARTS = [
  'bench/run-bench.ts',
  'bench/analytics/augurs.worker.ts',
  'bench/analytics/rfm-score.worker.ts',
  'bench/analytics/score-forest.worker.ts',
  'bench/contenders/plain-consumer.ts',
  'bench/contenders/revwall-processor.ts',
  'bench/fan-out/bare.ts',
  'bench/fan-out/crowd.ts',
]

const root = fileURLToPath(new URL('..', import.meta.url))
if (builtProgram(root) === undefined) await buildProgram(root, PARTS)
await buildProgram(root, BENCH_PARTS, FOLDER)
await import(pathToFileURL(join(root, FOLDER, 'run-bench.js')).href)
