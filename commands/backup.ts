/** `revwall backup`: ClickHouse and the log into a folder, while everything runs. */
import { megabytes } from './back-up/progress.ts'
import { takeBackup } from './back-up/take-backup.ts'
import type { Command } from './command.ts'
import { parseOptions } from './parse-options.ts'

export const backup: Command = {
  help: `Usage: revwall backup DIR

Copies ClickHouse and the log into DIR, a new or empty folder outside of the data folder, while everything runs. The log is
copied after ClickHouse, so that it has whatever ClickHouse's marks say. DIR is whole when it has backup.json, with size and
sha256 of every file; what fails leaves nothing there. revwall restore DIR makes a data folder of it, in any place.

With REVWALL_SHARDS each server has a part of its own, and DIR is restored to as many servers.

With the log on Kafka, Kafka's topics are not copied: after a restore ClickHouse goes on from its marks, so keep the records
since then (revwall prints the offsets). With CLICKHOUSE_URL or
CLICKHOUSE_URLS those servers have to be backed up by their own means.
Passwords of the embedded ClickHouse are not copied; they are made anew. Users, walls, ingest keys and endpoints are, with the
secrets of webhooks and the tokens of Slack: keep DIR as you keep those. Screens and links are not: they are paired and made
anew.`,
  run: async ({ config, logger, args, print, signal }) => {
    const { _ } = parseOptions(args, {}, ['DIR'])
    const since = performance.now()
    const { files, marks, log } = await takeBackup(_[0]!, { config, logger, print, signal })
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    const seconds = ((performance.now() - since) / 1_000).toFixed(1)
    print(`backed up to ${_[0]}: ${files.length} files, ${megabytes(bytes)} in ${seconds} s`)
    for (const { database, partition, last } of marks) {
      const end = log.bounds.find((bounds) => bounds.partition === partition)
      const kept =
        log.kind === 'kafka'
          ? `Kafka must keep the records from ${last + 1} on`
          : `the log to ${end!.next - 1}`
      print(`  ${database}, orders/${partition}: ClickHouse at least to offset ${last}, ${kept}`)
    }
    return 0
  },
}
