import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { logConformance } from '../conformance.ts'
import { openEmbeddedLog } from './open-embedded-log.ts'

logConformance('embedded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'revwall-log-'))
  return {
    openHandle: () => openEmbeddedLog({ folder, sessionTimeoutMs: 2000 }),
    dispose: async () => rmSync(folder, { recursive: true }),
  }
})
