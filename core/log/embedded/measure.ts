/** How fast the log is on this machine: `node --import tsx core/log/embedded/measure.ts [folder]`. Prints the hardware. */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EventLog, NewRecord } from '../event-log.ts'
import { openEmbeddedLog } from './open-embedded-log.ts'

const RECORD_BYTES = 300
const BATCH = 10_000
const BATCHES = 30
const SINGLE_APPENDS = 500
const PARTITIONS = 4

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'revwall-measure-'))
const log = await openEmbeddedLog({ folder })
await log.ensureTopic('orders', { partitions: PARTITIONS, retentionMs: Number.POSITIVE_INFINITY })
const value = Buffer.alloc(RECORD_BYTES, 'x')
const records: NewRecord[] = Array.from({ length: BATCH }, (_, n) => {
  return { partition: n % PARTITIONS, key: `order-${n}`, value, contentType: 'application/json' }
})

console.log(
  `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${new Date().toISOString()}, ${folder}`,
)
await measure(`records of ${RECORD_BYTES} bytes appended, ${BATCH} at a time`, async () => {
  for (let n = 0; n < BATCHES; n++) await log.append('orders', records)
  return BATCH * BATCHES
})
await measure('records read', () => readEverything(log))
await measure('appends of one record, one after the other', async () => {
  for (let n = 0; n < SINGLE_APPENDS; n++) await log.append('orders', records.slice(0, 1))
  return SINGLE_APPENDS
})
await measure('appends of one record, all in one turn', async () => {
  await Promise.all(records.map((record) => log.append('orders', [record])))
  return records.length
})
await log.close()
rmSync(folder, { recursive: true })

async function readEverything(from: EventLog): Promise<number> {
  let count = 0
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (let at = 0; ; ) {
      const some = await from.read('orders', partition, at, { maxRecords: 5000, maxBytes: 16 * 1024 * 1024 })
      if (some.length === 0) break
      count += some.length
      at = some.at(-1)!.offset + 1
    }
  }
  return count
}

async function measure(what: string, work: () => Promise<number>): Promise<void> {
  const start = performance.now()
  const count = await work()
  const seconds = (performance.now() - start) / 1000
  console.log(`${Math.round(count / seconds).toLocaleString('en')} a second: ${what}`)
}
