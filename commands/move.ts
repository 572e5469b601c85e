/** `revwall move`: from the embedded log and ClickHouse of a data folder to Kafka and ClickHouse servers. */
import { resolve } from 'node:path'
import { auditLines } from './audit.ts'
import { fitLine } from './back-up/restore-backup.ts'
import type { Command } from './command.ts'
import { type MoveReport, moveFolder } from './move/move-folder.ts'
import { howToUndo } from './move/moved-file.ts'
import { parseOptions } from './parse-options.ts'

export const move: Command = {
  help: `Usage: revwall move [DIR]

Takes the data folder DIR (else REVWALL_DATA) along to where the environment says: its log to Kafka with KAFKA_BROKERS (and
KAFKA_PREFIX …), its tables to the ClickHouse of CLICKHOUSE_URL or CLICKHOUSE_URLS, or both. Afterwards revwall with the same environment goes on
exactly where the folder was. Nothing may run on the folder, and nothing may be at the new places: no topics of that prefix,
no databases revwall and revwall_r… What is there already, or in use, is refused, and then nothing was changed.

Each record has the offset and the time that it had; topics whose beginning was trimmed begin where they did (filled with
empty records, about ten bytes each, that are trimmed again). All is read back and compared: records by sha256, tables by rows and
hash, every view with the base table, ClickHouse's marks with the log.

To as many servers as the folder has, tables are copied as they are. To another number each partition goes to its server (p mod
N) and views are filled there anew; N must divide the number of partitions that the log began with, else it is refused.

Until that is done the new place cannot be opened; killed or stopped before, run it again, it begins anew. The folder stays as
it is, marked by moved.json so that nobody goes on there by accident. To undo it: stop what runs on the new place and delete that
file; what was sold since then is at the new place only.

Where REVWALL_DATA is another folder than DIR, users.json, walls.json, ingest-keys.json and endpoints.json are copied there and
compared; others that are there already are refused. Passwords and analysts of the embedded ClickHouse are not taken along.`,
  run: async ({ config, logger, args, print, signal }) => {
    const { _ } = parseOptions(args, {}, [], ['DIR'])
    const dataFolder = _[0] === undefined ? config.dataFolder : resolve(_[0])
    const since = performance.now()
    const report = await moveFolder({
      config: { ...config, dataFolder },
      home: config,
      logger,
      print,
      signal,
    })
    for (const line of linesOf(report)) print(line)
    if (report.parts.length === 0) print(`${dataFolder} was moved before, and all of it can be opened`)
    else print(`moved in ${((performance.now() - since) / 1_000).toFixed(1)} s`)
    print(`go on with this environment: revwall up, or ingest, process and api. ${howToUndo(dataFolder)}`)
    return 0
  },
}

function linesOf({ log, tables, audit, fits, files }: MoveReport): string[] {
  return [
    ...log
      .filter(({ next }) => next > 0)
      .map(
        ({ topic, partition, first, next, records, sha256 }) =>
          `${topic}/${partition}: ${records} records, offsets ${first} to ${next - 1}, equal (sha256 ${sha256.slice(0, 16)}…)`,
      ),
    ...tables.map(({ table, rows, hash }) => `${table}: ${rows} rows, equal (${hash})`),
    ...(audit === undefined ? [] : auditLines(audit)),
    ...fits.map(fitLine),
    ...files.map(({ name, path, sha256 }) => `${name}: equal in ${path} (sha256 ${sha256.slice(0, 16)}…)`),
  ]
}
