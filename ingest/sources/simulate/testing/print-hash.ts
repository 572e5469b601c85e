/** A process of its own that tells what a seed makes: `node --import tsx print-hash.ts SEED RECORDS`. */
import { hashRecords } from './hash-records.ts'

const [seed = '1', records = '50000'] = process.argv.slice(2)
process.stdout.write(`${hashRecords(Number(seed), Number(records))}\n`)
