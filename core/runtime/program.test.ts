import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { programPart, ROOT } from './program.ts'

// Seen in pools that were destroyed while their threads began: one turn in some hundreds, so that only the cause is tested.
it('has threads that cannot load a module by require, whose early end Node 20 does not outlive', async () => {
  const { execArgv } = programPart('processors/orders/compute.worker.ts')
  const built = JSON.stringify(join(ROOT, 'dist', 'compute.worker.js'))
  const tried = `
    const { parentPort } = require('node:worker_threads')
    try { require(${built}); parentPort.postMessage('loaded') } catch (error) { parentPort.postMessage(error.code) }
  `
  // Without tsx, as what is built has them.
  const thread = new Worker(tried, { eval: true, execArgv: execArgv.slice(0, execArgv.indexOf('--import')) })
  expect(await once(thread, 'message')).toEqual(['ERR_REQUIRE_ESM'])
  await thread.terminate()
})
