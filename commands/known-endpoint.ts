import type { Config } from '../core/runtime/env.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import { type Endpoint, endpointFilePath, readEndpoints } from '../processors/delivery/endpoint-file.ts'

/** Throws `BAD_USAGE` where none was said, and `UNKNOWN_ENDPOINT`. */
export function knownEndpoint({ dataFolder }: Config, id: string | undefined): Endpoint {
  if (id === undefined) throw new RevwallError('BAD_USAGE', '--endpoint is wanted')
  const found = readEndpoints(endpointFilePath(dataFolder)).find((each) => each.id === id)
  if (found !== undefined) return found
  throw new RevwallError(
    'UNKNOWN_ENDPOINT',
    `there is no endpoint ${id}; revwall endpoints list tells which there are`,
  )
}
