/** Options of a subcommand by node's own parser, with its complaint turned into ours. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { errorMessage, RevwallError } from '../core/runtime/errors.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/** Throws `BAD_USAGE`. Positional arguments are in `_`: exactly those that are wanted, and perhaps the possible ones. */
export function parseOptions<T extends Options>(
  args: string[],
  options: T,
  wanted: string[] = [],
  possible: string[] = [],
) {
  const { values, positionals } = parse(args, options)
  const unknown = positionals[wanted.length + possible.length]
  if (unknown !== undefined) throw new RevwallError('BAD_USAGE', `"${unknown}" is one argument too many`)
  const missing = wanted[positionals.length]
  if (missing !== undefined) throw new RevwallError('BAD_USAGE', `${missing} is wanted`)
  return { ...values, _: positionals }
}

function parse<T extends Options>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (cause) {
    throw new RevwallError('BAD_USAGE', errorMessage(cause), { cause })
  }
}
