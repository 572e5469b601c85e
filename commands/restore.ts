/** `revwall restore`: a data folder out of a backup. */
import { RevwallError } from '../core/runtime/errors.ts'
import { checkBackup, fitLine, type Restored, restoreBackup } from './back-up/restore-backup.ts'
import { PARTS, type Part } from './back-up/restored-parts.ts'
import type { Command } from './command.ts'
import { parseOptions } from './parse-options.ts'

export const restore: Command = {
  help: `Usage: revwall restore DIR [--only PART] [--check]

Makes the data folder (REVWALL_DATA) of a backup that revwall backup made. Nothing may run on it, and nothing that is there is
overwritten. REVWALL_SHARDS must be as it was; one server of several may be replaced by hand, by its folder out of a restored one:
what it lacks is taken from the log again. Users, walls, ingest keys and endpoints are restored where there are none; screens are paired and links made
anew, so that what was revoked since does not open again. Every file is compared with its sha256, every view with the base table (what was written while the backup was
made is mended), and ClickHouse's marks with the log: what does not fit is refused, and then nothing was changed. Older tables
are brought to the newest ones; those of a newer revwall are refused.

  --only PART   clickhouse: beside the log that is there, which may be newer: what it has more is taken at the next start;
                log: beside the ClickHouse that is there, which may not be newer
  --check       compares the backup's files with what was written, and restores nothing`,
  run: async ({ config, logger, args, print, signal }) => {
    const options = parseOptions(args, { only: { type: 'string' }, check: { type: 'boolean' } }, ['DIR'])
    const context = { config, logger, print, signal }
    const folder = options._[0]!
    if (options.check) {
      const { files, at, version } = await checkBackup(folder, context)
      print(
        `${folder}: made by revwall ${version} at ${at}; all ${files.length} files are as they were written`,
      )
      return 0
    }
    const restored = await restoreBackup(folder, partsOf(options.only), context)
    for (const line of linesOf(restored)) print(line)
    print(`restored to ${config.dataFolder}; go on with: revwall up`)
    return 0
  },
}

function partsOf(only: string | undefined): readonly Part[] {
  if (only === undefined) return PARTS
  const part = PARTS.find((known) => known === only)
  if (part === undefined)
    throw new RevwallError('BAD_USAGE', `--only is ${PARTS.join(' or ')}, not "${only}"`)
  return [part]
}

function linesOf({ report, fits, files }: Restored): string[] {
  const drifted = report?.views.filter((view) => view.drifted > 0) ?? []
  return [
    ...drifted.map(({ view, drifted: buckets }) => `${view}: ${buckets} buckets were apart and are mended`),
    ...(report?.totals ?? []).map(
      ({ tenant, currency, revenue, orders }) => `${tenant}: ${revenue} ${currency}, ${orders} orders`,
    ),
    ...(fits ?? []).map(fitLine),
    ...(fits === undefined
      ? ['ClickHouse and log are compared at the start: one of them is not there yet']
      : []),
    ...files.map(({ name, path, isNew }) => `${name}: ${isNew ? 'restored' : `left as it is, ${path}`}`),
  ]
}
