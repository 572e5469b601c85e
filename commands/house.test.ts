import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../core/runtime/env.ts'
import { createLogger } from '../core/runtime/logger.ts'
import { processesOn } from '../test/cli/process-tree.ts'
import { type TemporaryFolder, temporaryFolder } from '../test/cli/temporary-folder.ts'
import { withHouse } from './house.ts'

let folder: TemporaryFolder
beforeEach(() => {
  folder = temporaryFolder('house')
})
afterEach(() => folder.remove())

test('a failure while ClickHouse still opens leaves no server behind', async () => {
  const config = readConfig({ ...process.env, REVWALL_DATA: folder.path, PORT: '0' })
  const logger = createLogger({ level: 'error', json: false })
  const fail = () => {
    throw new Error('not this time')
  }
  const opened = withHouse({ config, logger }, { page: false, whileOpening: fail }, async () => {})
  await expect(opened).rejects.toThrow('not this time')
  // One that is left behind may only be on its way.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(processesOn(folder.path)).toEqual([])
})
