import type { Config } from '../core/runtime/env.ts'
import { RevwallError } from '../core/runtime/errors.ts'

/** Throws `BAD_USAGE` where none was said, and `UNKNOWN_TENANT`. */
export function configuredTenant({ tenants }: Config, asked: string | undefined): string {
  const known = tenants.map(({ id }) => id)
  if (asked === undefined) throw new RevwallError('BAD_USAGE', `--tenant is wanted: ${known.join(', ')}`)
  if (known.includes(asked)) return asked
  throw new RevwallError('UNKNOWN_TENANT', `tenant ${asked} is not configured`)
}
