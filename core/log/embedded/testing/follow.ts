/** Follows a partition and prints each record's text, until it has seen so many. */
import { writeSync } from 'node:fs'
import { openEmbeddedLog } from '../open-embedded-log.ts'

const [folder = '', partition = '0', count = '0'] = process.argv.slice(2)

async function follow(): Promise<void> {
  const log = await openEmbeddedLog({ folder })
  await log.ensureTopic('orders', { partitions: 3, retentionMs: Number.POSITIVE_INFINITY })
  let at = 0
  for (let seen = 0; seen < Number(count); ) {
    await log.waitForRecords('orders', new Map([[Number(partition), at]]), 10_000)
    const records = await log.read('orders', Number(partition), at, {
      maxRecords: 100,
      maxBytes: 1024 * 1024,
    })
    for (const { offset, value } of records) {
      writeSync(1, `${Buffer.from(value).toString().trim()}\n`)
      at = offset + 1
      seen++
    }
  }
  await log.close()
}

await follow()
