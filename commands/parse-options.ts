/** Options of a subcommand by node's own parser, with its complaint turned into ours. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { errorMessage, RevwallError } from '../core/runtime/errors.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/** Throws `BAD_USAGE`. Positional arguments are in `_`. */
export function parseOptions<T extends Options>(args: string[], options: T) {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true })
    return { ...values, _: positionals }
  } catch (cause) {
    throw new RevwallError('BAD_USAGE', errorMessage(cause), { cause })
  }
}
