import { SHIPPED_FILE } from '../ingest/sources/replay/shipped-file.ts'
import type { Measurement } from './measurement.ts'
import { runRevwall, withFolder } from './run-revwall.ts'

const LINES = 541_909

/** The shipped year, as fast as it goes, until all of it is in ClickHouse and everything has ended. */
export async function measureLoad(): Promise<Measurement[]> {
  const { seconds } = await withFolder((folder) => runRevwall(['replay', SHIPPED_FILE, '--all'], folder))
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

/** A simulated shop's past from the generator to the views, then compared with what it knows that it sold. */
export async function measureSimulated(orders: number): Promise<Measurement[]> {
  const years = String(Math.min(20, Math.max(1, Math.ceil(orders / 500_000))))
  const args = ['simulate', '--all', '--orders', String(orders), '--years', years]
  const { seconds, printed } = await withFolder((folder) => runRevwall(args, folder))
  console.log(printed.trimEnd().split('\n').slice(-3).join('\n'))
  return [
    { name: 'history.simulated_orders', value: orders, unit: 'orders', aim: null, lowerIsBetter: false },
    { name: 'history.simulated_s', value: seconds, unit: 's', aim: null, lowerIsBetter: true },
    {
      name: 'history.simulated_orders_per_second',
      value: orders / seconds,
      unit: 'orders/s',
      aim: null,
      lowerIsBetter: false,
    },
  ]
}
