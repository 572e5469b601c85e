/** A simulated shop that sells at one rate for as long as it is looked at. */
import { join } from 'node:path'
import { connectWarehouse } from '../clickhouse/connect-warehouse.ts'
import { passwordsOf } from '../clickhouse/engine/passwords.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import { folderOwner } from '../core/runtime/lock-folder.ts'

/** Arguments of `revwall`; orders a second, behind a year of history. */
export function steadyShop(rate: number, ledger: string): string[] {
  return [
    ...['simulate', '--rate', String(rate), '--steady', '--years', '1', '--customers-per-year', '5000'],
    ...['--ledger', ledger],
  ]
}

export function connectTo(folder: string): Warehouse {
  const { warehouse: url } = folderOwner(folder)!
  const user = 'revwall'
  return connectWarehouse({ url, user, password: passwordsOf(join(folder, 'clickhouse'), [user]).get(user)! })
}

/** The shop's past is in ClickHouse and it sells in real time. */
export async function historyLoaded(url: string, isTaken: () => Promise<boolean>): Promise<void> {
  let hasBegun = false
  for (;;) {
    const answer = await fetch(`${url}/api/v1/tenant`)
    const { mode } = (await answer.json()) as { mode: string }
    if (mode === 'history') hasBegun = true
    if (hasBegun && mode === 'live' && (await isTaken())) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
