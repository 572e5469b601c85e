/** The ClickHouse of a running `up`, past everything that is tested: as the program's user, over HTTP. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { connectWarehouse } from '../../clickhouse/connect-warehouse.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'

const owner = z.object({ warehouse: z.url() })
const passwords = z.object({ revwall: z.string() })

/** Connect anew after a restart of `up`: its port is another one then. */
export function runningWarehouse(folder: string): Warehouse {
  const { warehouse: url } = owner.parse(readJson(join(folder, 'up.lock')))
  return connectWarehouse({ url, user: 'revwall', password: passwordOf(folder) })
}

function passwordOf(folder: string): string {
  return passwords.parse(readJson(join(folder, 'clickhouse', 'passwords.json'))).revwall
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
