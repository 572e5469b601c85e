/** `revwall asyncapi`: what other systems may subscribe to, as a document. */
import { asyncapiDocument } from '../core/contracts/asyncapi.ts'
import { codeVersion } from '../core/runtime/program.ts'
import type { Command } from './command.ts'
import { parseOptions } from './parse-options.ts'

export const asyncapi: Command = {
  help: `Usage: revwall asyncapi

Prints the AsyncAPI 3.0 document of the events that other systems may have: on the topics segments, forecasts, anomalies
and alerts of the log, and by webhooks. A running revwall answers the same at /api/v1/asyncapi.json.`,
  run: async ({ args, print }) => {
    parseOptions(args, {})
    print(JSON.stringify(asyncapiDocument(codeVersion()), undefined, 2))
    return 0
  },
}
