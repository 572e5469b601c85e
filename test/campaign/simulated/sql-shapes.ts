/**
 * The statements that the product sends, by their shape: the simulated warehouse knows these and no other. A statement that
 * was changed is not guessed at, but thrown back, until somebody has taught it here what it means now.
 */
export const DATABASE = 'revwall_sim'

export interface Shape<Found> {
  name: string
  matches(sql: string): Found | undefined
}

/** A statement with `…` where anything may stand; what stood there is found. Blanks are all alike. */
export function shape(name: string, text: string): Shape<string[]> {
  const pattern = flat(text)
    .replaceAll('$db', DATABASE)
    .split('…')
    .map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('([\\s\\S]*?)')
  const regex = new RegExp(`^${pattern}$`)
  return { name, matches: (sql) => regex.exec(flat(sql))?.slice(1) }
}

export function flat(sql: string): string {
  return sql.replace(/\s+/g, ' ').replaceAll('( ', '(').replaceAll(' )', ')').trim()
}

const OF_PARTITION = "tenant = '' AND source = {topic:String} AND startsWith(order_id, {prefix:String})"

export const SHAPES = {
  lastMark: shape(
    'the last mark',
    `SELECT mark_first, mark_last, mark_hash, incarnation, mark_server_start, taken_at,
       progress_tenant, progress_source, progress_json, progress_fact_at
     FROM $db.order_changes WHERE ${OF_PARTITION} AND order_id >= {from:String}
     ORDER BY order_id DESC, mark_last DESC LIMIT 1`,
  ),
  chain: shape(
    'the chain of marks',
    `SELECT count() AS marks, countIf(n > 1 AND mark_first != before + 1) AS breaks,
       countIf(n = 1 AND mark_last = mark_first - 1) AS opened
     FROM (SELECT mark_first, mark_last, row_number() OVER w AS n, lagInFrame(mark_last) OVER w AS before
       FROM $db.order_changes WHERE ${OF_PARTITION}
       WINDOW w AS (ORDER BY mark_first, mark_last ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))`,
  ),
  isTaken: shape(
    'whether the table has rows and marks',
    `SELECT (SELECT count() FROM (SELECT 1 FROM $db.order_changes WHERE tenant != '' LIMIT 1)) AS rows,
       (SELECT count() FROM (SELECT 1 FROM $db.order_changes WHERE tenant = '' AND source = {topic:String} LIMIT 1)) AS marks`,
  ),
  lastPartition: shape(
    'the highest partition with marks',
    `SELECT partition FROM $db.order_changes WHERE tenant = '' AND source = {topic:String}
     ORDER BY order_id DESC LIMIT 1`,
  ),
  keys: shape(
    'keys of orders',
    `SELECT tenant, source, order_id FROM $db.order_changes
     WHERE sign = 1 AND revision = 1 AND topic = {topic:String} AND partition = {partition:UInt16} AND offset <= {mark:Int64}`,
  ),
  keyCount: shape(
    'how many keys of orders there are',
    `SELECT count() AS orders FROM $db.order_changes
     WHERE sign = 1 AND revision = 1 AND topic = {topic:String} AND partition = {partition:UInt16} AND offset <= {mark:Int64}`,
  ),
  rows: shape(
    'present rows',
    `SELECT … FROM $db.order_changes WHERE (tenant, source, order_id) IN (…)
       AND sign = 1 AND topic = {topic:String} AND partition = {partition:UInt16} AND offset <= {mark:Int64}
     ORDER BY tenant, source, order_id, revision DESC LIMIT 1 BY tenant, source, order_id`,
  ),
  daysBehind: shape(
    'days of rows behind an offset',
    `SELECT DISTINCT arrayJoin(arrayConcat([sale_day], booked_day, refund_line_day)) AS day FROM $db.order_changes
     WHERE sign != 0 AND topic = {topic:String} AND partition = {partition:UInt16} AND offset > {offset:Int64}
     ORDER BY day`,
  ),
  running: shape(
    'whether an id runs',
    'SELECT count() AS running FROM system.processes WHERE query_id = {id:String}',
  ),
  runningInserts: shape(
    'inserts that run',
    `SELECT query_id FROM system.processes
     WHERE query_kind = 'Insert' AND startsWith(query_id, {idPrefix:String})`,
  ),
  openBarriers: shape('open barriers', 'SELECT id FROM $db.open_barriers'),
  firstPrefix: shape(
    'the first partition with marks',
    `SELECT source AS topic, order_id FROM $db.order_changes
     WHERE tenant = '' AND sign = 0 AND 1 ORDER BY source, order_id LIMIT 1`,
  ),
  nextPrefix: shape(
    'the next partition with marks',
    `SELECT source AS topic, order_id FROM $db.order_changes
     WHERE tenant = '' AND sign = 0 AND (source > {topic:String} OR (source = {topic:String} AND order_id > {end:String}))
     ORDER BY source, order_id LIMIT 1`,
  ),
  newestMarks: shape('the newest marks', 'SELECT * FROM (SELECT source AS topic, partition, incarnation, …)'),
  serverStart: shape("the server's start", 'SELECT toUnixTimestamp(now()) - toInt64(uptime()) AS start'),
  lives: shape(
    'lives of the server',
    "SELECT server_start AS start, state FROM $db.server_lives ORDER BY at, state = 'started'",
  ),
  views: shape('the views', 'WITH views AS (SELECT name, as_select, … ORDER BY name'),
  viewSteps: shape(
    'views that are being filled',
    "SELECT view FROM `$db`.view_steps GROUP BY view HAVING argMax(step, seq) NOT IN ('live', 'dropped')",
  ),
  viewDays: shape(
    'days of a view',
    'SELECT toDate(`day`) AS day, count() AS rows FROM `$db`.`…` GROUP BY day ORDER BY day',
  ),
  recentDays: shape(
    'the newest days of a view',
    `SELECT DISTINCT days[-1] AS from, days[1] AS to FROM (
       SELECT arraySlice(arrayReverseSort(groupUniqArray(toDate(\`day\`))), 1, 2) AS days
       FROM \`$db\`.\`…\` GROUP BY tenant) ORDER BY from LIMIT 1000`,
  ),
  comparison: shape(
    'a view compared with the base',
    `SELECT k0 AS tenant, count() AS buckets, countIf(differs) AS drifted, sum(drift) AS drift, … FROM \`$db\`.\`…\` AS side
     WHERE … UNION ALL SELECT …) GROUP BY tenant ORDER BY tenant`,
  ),
  kill: shape('the end of a query', 'KILL QUERY WHERE query_id = {id:String} SYNC'),
  openBarrier: shape(
    'a barrier opened',
    `INSERT INTO $db.barriers (id, owner, state, at, expires_at)
     SELECT {id:String}, {owner:String}, 1, now64(3), now64(3) + toIntervalMillisecond({ms:UInt32})`,
  ),
  closeBarrier: shape(
    'a barrier closed',
    `INSERT INTO $db.barriers (id, owner, state, at, expires_at)
     SELECT {id:String}, {owner:String}, -1, now64(3), now64(3)`,
  ),
  recordLife: shape(
    'a life recorded',
    `INSERT INTO $db.server_lives (server_start, state, at)
     SELECT arrayJoin({serverStarts:Array(Int64)}), {state:String}, now64(3)`,
  ),
  recordAudit: shape('an audit recorded', 'INSERT INTO $db.reconciliations …'),
  mend: shape(
    'a repair',
    `INSERT INTO \`$db\`.\`…\` (…) SELECT * FROM (SELECT … AS side WHERE … UNION ALL …) WHERE (…) AND
     throwIf((SELECT count() != 1 OR countIf(id = {barrier:String} AND expires_at > now64(3) + toIntervalMillisecond(…)) != 1
       FROM $db.open_barriers), 'barrier lost') = 0`,
  ),
  unguardedMend: shape(
    'a repair without its guard',
    'INSERT INTO `$db`.`…` (…) SELECT * FROM (SELECT … AS side WHERE … UNION ALL …) WHERE (…)',
  ),
} as const

export type ShapeName = keyof typeof SHAPES

export interface Recognised {
  name: ShapeName
  found: string[]
}

const recognised = new Map<string, Recognised>()
/** Texts with lists of keys are many; the others come again and again. */
const MAX_REMEMBERED = 2_000

export function recognise(sql: string): Recognised {
  const known = recognised.get(sql)
  if (known !== undefined) return known
  for (const name of Object.keys(SHAPES) as ShapeName[]) {
    const found = SHAPES[name].matches(sql)
    if (found === undefined) continue
    if (recognised.size < MAX_REMEMBERED) recognised.set(sql, { name, found })
    return { name, found }
  }
  throw new Error(
    `the simulated warehouse does not know this statement; teach it in sql-shapes.ts: ${flat(sql)}`,
  )
}
