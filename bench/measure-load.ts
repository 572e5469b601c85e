import { SHIPPED_FILE } from '../ingest/sources/replay/shipped-file.ts'
import type { Measurement } from './measurement.ts'
import { timeRevwall } from './run-revwall.ts'

const LINES = 541_909

/** The shipped year, as fast as it goes, until all of it is in ClickHouse and everything has ended. */
export async function measureLoad(): Promise<Measurement[]> {
  const seconds = await timeRevwall(['replay', SHIPPED_FILE, '--all'])
  return [
    { name: 'history.load_s', value: seconds, unit: 's', aim: null, lowerIsBetter: true },
    {
      name: 'history.lines_per_second',
      value: LINES / seconds,
      unit: 'lines/s',
      aim: null,
      lowerIsBetter: false,
    },
  ]
}
