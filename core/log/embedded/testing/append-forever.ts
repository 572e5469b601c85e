/**
 * Appends until it is killed: append n puts `writer:n` into each partition, and prints n when it is acknowledged. Some
 * appends are large, so that a kill falls between the pages of one transaction.
 */
import { writeSync } from 'node:fs'
import { openEmbeddedLog } from '../open-embedded-log.ts'

const [folder = '', writer = '', appends = 'Infinity'] = process.argv.slice(2)
const PARTITIONS = 3
const LARGE_BYTES = 200_000

async function appendForever(): Promise<void> {
  const log = await openEmbeddedLog({ folder })
  await log.ensureTopic('orders', { partitions: PARTITIONS, retentionMs: Number.POSITIVE_INFINITY })
  for (let n = 0; n < Number(appends); n++) {
    const value = Buffer.from(`${writer}:${n}${' '.repeat(n % 5 === 4 ? LARGE_BYTES : 50)}`)
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)
    await log.append(
      'orders',
      partitions.map((partition) => ({ partition, key: writer, value, contentType: 'application/json' })),
    )
    // Not `console.log`: what a pipe still holds back in this process would die with it.
    writeSync(1, `${n}\n`)
  }
  await log.close()
}

await appendForever()
