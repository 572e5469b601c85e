/** Joins a group, prints each assignment, and stays until it is killed. */
import { writeSync } from 'node:fs'
import { openEmbeddedLog } from '../open-embedded-log.ts'

const [folder = '', sessionTimeoutMs = ''] = process.argv.slice(2)

const log = await openEmbeddedLog({ folder, sessionTimeoutMs: Number(sessionTimeoutMs) })
await log.join('g', 'orders', {
  onAssigned: (partitions) => void writeSync(1, `${partitions.join()}\n`),
  onRevoked: () => {},
})
