import { type SourceProgress, sourceProgress } from '../../core/contracts/source-progress.ts'
import { markEnd, markPrefix } from '../native/mark-key.ts'
import type { Warehouse } from '../warehouse.ts'
import { tableOf, toIso } from './scope.ts'

/** The newest mark of a partition: up to where it is complete, and what each source has told by then. */
export interface Mark {
  partition: number
  /** Where it stands in the table; a later read starts there. */
  position: string
  last: number
  progress: MarkProgress[]
}

export interface MarkProgress {
  /** The last `source.progress` in this partition. */
  told: SourceProgress
  /** Wall clock of the source's last fact in this partition; null: none yet. */
  factAt: string | null
}

export interface MarkScope {
  database: string
  topic: string
  partitions: number
  /** The newest marks that are known already: only rows from these on are read. */
  since?: readonly Mark[]
}

/**
 * The newest mark of each partition, of all tenants. A partition without a mark is missing.
 *
 * Where all are known already, one SELECT over the short ranges since then is the cheapest. Where one is not, each
 * partition's range is read backwards and only to its first row, so that years of marks are not sorted.
 */
export async function readMarks(warehouse: Warehouse, scope: MarkScope): Promise<Mark[]> {
  const partitions = Array.from({ length: scope.partitions }, (_, partition) => partition)
  const known = new Set(scope.since?.map(({ partition }) => partition))
  const all = partitions.every((partition) => known.has(partition))
  const rows = await warehouse.query<Row>(
    all ? sinceSql(scope, partitions) : backwardsSql(scope, partitions),
    {
      params: { topic: scope.topic, ...rangeParams(scope, partitions) },
    },
  )
  return rows.map(markOf).sort((a, b) => a.partition - b.partition)
}

interface Row {
  partition: number
  order_id: string
  mark_last: string
  progress_json: string[]
  progress_fact_at: string[]
}

function sinceSql(scope: MarkScope, partitions: readonly number[]): string {
  return `${selectOf(scope)} AND (${partitions.map(rangeOf).join(' OR ')})
    ORDER BY order_id DESC, mark_last DESC LIMIT 1 BY partition`
}

function backwardsSql(scope: MarkScope, partitions: readonly number[]): string {
  const branchOf = (partition: number) =>
    `(${selectOf(scope)} AND ${rangeOf(partition)} ORDER BY order_id DESC, mark_last DESC LIMIT 1)`
  return partitions.map(branchOf).join('\nUNION ALL\n')
}

function selectOf(scope: MarkScope): string {
  return `SELECT partition, order_id, mark_last, progress_json, progress_fact_at
    FROM ${tableOf(scope, 'order_changes')} WHERE tenant = '' AND source = {topic:String}`
}

const rangeOf = (partition: number) =>
  `(order_id >= {from${partition}:String} AND order_id < {to${partition}:String})`

function rangeParams({ since = [] }: MarkScope, partitions: readonly number[]): Record<string, string> {
  const known = new Map(since.map((mark) => [mark.partition, mark.position]))
  const entries = partitions.flatMap((partition) => [
    [`from${partition}`, known.get(partition) ?? markPrefix(partition)],
    // '0' follows '/', so this is the end of all that begins with the partition and a slash.
    [`to${partition}`, markEnd(partition)],
  ])
  return Object.fromEntries(entries)
}

function markOf(row: Row): Mark {
  return {
    partition: row.partition,
    position: row.order_id,
    last: Number(row.mark_last),
    progress: row.progress_json.flatMap((json, i) => progressOf(json, row.progress_fact_at[i])),
  }
}

// What a source tells of itself is no reason to lose the marks: a vector that a newer version wrote is left out.
function progressOf(json: string, factAt: string | undefined): MarkProgress[] {
  const told = sourceProgress.safeParse(parseJson(json))
  if (!told.success) return []
  const none = factAt === undefined || factAt.startsWith('1970-01-01')
  return [{ told: told.data, factAt: none ? null : toIso(factAt) }]
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
