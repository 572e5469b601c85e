/** The file of walls (README.md): read whole, checked whole, replaced whole. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { tenant } from '../../core/contracts/fields.ts'
import { type TenantWalls, tenantWalls } from '../../core/contracts/walls.ts'
import { changeFile } from '../../core/runtime/change-file.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import { schemaFaults } from '../../core/runtime/schema-faults.ts'

const wallFile = z.strictObject({ version: z.literal(1), tenants: z.record(tenant, tenantWalls) })

/** Of each tenant that has any. */
export type AllWalls = ReadonlyMap<string, TenantWalls>

/** None where there is no file. Throws `WALLS_UNREADABLE` with the place of each fault. */
export function readWalls(path: string): AllWalls {
  try {
    const parsed = wallFile.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    if (parsed.success) return new Map(Object.entries(parsed.data.tenants))
    throw new Error(schemaFaults(parsed.error))
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return new Map()
    const why = errorMessage(cause)
    throw new RevwallError('WALLS_UNREADABLE', `${path} cannot be read: ${why}. Mend it or restore it.`, {
      cause,
    })
  }
}

/** Reads, changes and replaces. Throws `WALLS_UNREADABLE`, `WALLS_BUSY` and what `change` throws. */
export async function changeWalls(
  path: string,
  clock: Clock,
  change: (all: AllWalls) => AllWalls,
): Promise<void> {
  const text = () => {
    const tenants = Object.fromEntries(change(readWalls(path)))
    return `${JSON.stringify({ version: 1, tenants }, undefined, 2)}\n`
  }
  await changeFile({ path, clock, busyCode: 'WALLS_BUSY', change: text })
}
