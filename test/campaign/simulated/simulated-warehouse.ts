/**
 * A ClickHouse server in memory, as far as the protocol leans on it, and no better than the real one was found to be:
 *
 * - one running query for each id; an insert reads its guard while it holds the id, and only then waits for its body;
 * - the base table's part is there at once, mark and all; each view's part comes later, one after the other;
 * - what ends an insert in between (a kill, an exception, the end of the server) leaves base and views apart;
 * - what was written survives the end of the server; what runs does not.
 *
 * Whoever asks sees what stands in the tables at that moment. Time passes between the steps of an insert, and nowhere else.
 */
import { BARRIER, FENCED } from '../../../clickhouse/native/guarded-insert.ts'
import type { ChangeRow } from '../../../clickhouse/native/order-row.ts'
import type { InsertOptions, QueryOptions } from '../../../clickhouse/warehouse.ts'
import { RevwallError } from '../../../core/runtime/errors.ts'
import type { Random } from '../../oracle/random.ts'
import { repairOf, viewNamed } from './answer-audits.ts'
import { answerQuery } from './answer-queries.ts'
import { decodeChanges } from './decode-native.ts'
import { conditionsOf } from './guarded-shape.ts'
import type { Scheduler } from './scheduler.ts'
import { SIGNED_VIEWS } from './signed-views.ts'
import { recognise } from './sql-shapes.ts'
import { partOf, StoredTables } from './stored-tables.ts'
import type { Trace } from './trace.ts'

export interface ServerHabits {
  stepMs: number
  /** Of one step of an insert: that it takes up to `slowMs`. */
  slow: number
  slowMs: number
  /** Of a slow step: that a kill is heard only when it is over. */
  deaf: number
  /** Of one view's part, while `isFaulty`: that it does not end by itself. */
  hangs: number
  /** Of one repair: that it comes seconds late, when its barrier may be over. */
  lateRepairs: number
  /** Of one insert, while `isFaulty`: that a view throws, or that memory is short before anything was written. */
  viewThrows: number
  outOfMemory: number
}

/** Who sends an insert. */
export interface Sender {
  /** Resolves when all of it has come; it rejects where it never will. */
  body(): Promise<Uint8Array>
  /** Nobody waits for the answer any more. */
  isGone(): boolean
}

interface Repair {
  view: string
  scope: string
  /** As the guard says it. */
  barrierForMs: string | undefined
}

interface Running {
  id: string
  kind: 'Insert'
  /** When somebody looked whether it runs. */
  askedAt: number
  end?: RevwallError
  wake?: () => void
  ended: Promise<void>
}

export class SimulatedWarehouse {
  readonly tables = new StoredTables()
  /** What must never be, as it was seen here. */
  readonly faults: string[] = []
  readonly habits: ServerHabits
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #trace: Trace
  #running = new Map<string, Running>()
  isFaulty = false
  isDown = false
  /** Which life of the server it is. */
  epoch = 1
  startedAt: number

  constructor(scheduler: Scheduler, random: Random, trace: Trace, habits: ServerHabits) {
    this.#scheduler = scheduler
    this.#random = random
    this.#trace = trace
    this.habits = habits
    this.startedAt = scheduler.now
  }

  get isIdle(): boolean {
    return this.#running.size === 0
  }

  /** SIGKILL: whatever runs ends where it is. */
  crash(): void {
    this.#trace.note('server', `killed, at ${[...this.#running.keys()].join(', ') || 'nothing'}`)
    this.isDown = true
    const running = [...this.#running.values()]
    this.#running = new Map()
    for (const query of running) interrupt(query, unreachable('the server ended'))
  }

  start(): void {
    this.isDown = false
    this.epoch += 1
    this.startedAt = this.#scheduler.now
    this.#trace.note('server', 'started')
  }

  query(sql: string, params: Record<string, unknown>): object[] {
    const recognised = recognise(sql)
    const asked = recognised.name === 'running' ? this.#running.get(String(params.id)) : undefined
    if (asked !== undefined) asked.askedAt = this.#scheduler.now
    return answerQuery(recognised, sql, params, {
      tables: this.tables,
      now: this.#scheduler.now,
      startedAt: this.startedAt,
      running: this.#running.values(),
    })
  }

  async command(sql: string, options: QueryOptions): Promise<void> {
    const { params = {} } = options
    const { name, found } = recognise(sql)
    const { tables } = this
    const { now } = this.#scheduler
    const id = String(params.id)
    switch (name) {
      case 'kill':
        return this.#kill(id)
      case 'openBarrier':
        tables.barriers.push({ id, state: 1, expiresAt: now + Number(params.ms) })
        return this.#trace.note('server', `barrier of ${params.owner}`)
      case 'closeBarrier':
        tables.barriers.push({ id, state: -1, expiresAt: now })
        return this.#trace.note('server', `barrier of ${params.owner} closed`)
      case 'recordLife':
        for (const start of params.serverStarts as number[])
          tables.lives.push({ start, state: String(params.state), at: now })
        return
      case 'recordAudit':
        return
      case 'mend':
      case 'unguardedMend':
        // Of one without a guard the last of these is not there.
        return this.#mend({ view: found[0]!, scope: found[3]!, barrierForMs: found[6] }, options)
      default:
        throw new Error(`${name} is no command`)
    }
  }

  insert(sql: string, { body, isGone }: Sender, options: InsertOptions): Promise<void> {
    const conditions = conditionsOf(sql, options)
    return this.#run(options.queryId, async (query) => {
      await this.#step(query)
      const { topic, prefix, from, mark } = options.params as Record<string, string>
      const first = Number(from!.split('/')[1])
      const stands = this.tables.maxLast(topic!, Number.parseInt(prefix!, 10), first) ?? NO_MARK
      if (conditions.mark && stands !== Number(mark)) throw thrown(FENCED)
      if (conditions.barrier && this.#openBarriers().length > 0) throw thrown(BARRIER)
      const rows = decodeChanges(await this.#during(query, body()))
      this.#refuse(rows)
      await this.#step(query)
      await this.#write(query, rows, isGone)
    })
  }

  async #write(query: Running, rows: readonly ChangeRow[], isGone: Sender['isGone']): Promise<void> {
    const part = partOf(rows)
    this.tables.addBase(part)
    this.#trace.note('server', `${query.id}: ${rows.length} rows are in the base`)
    const throwing = this.isFaulty && this.#random.chance(this.habits.viewThrows)
    // One after the other, in no order; the one that throws is any of them.
    const views = shuffled(this.#random, SIGNED_VIEWS)
    for (const [i, { name }] of views.entries()) {
      await this.#step(query)
      if (this.isFaulty && this.#random.chance(this.habits.hangs)) await this.#hang(query, isGone)
      if (throwing && i === views.length - 1) throw new RevwallError('CLICKHOUSE_70', `${name} throws`)
      this.tables.addView(name, part)
    }
    await this.#step(query)
  }

  /** For ever, as far as the protocol knows; what nobody waits for or asks for any more, a person ends. */
  async #hang(query: Running, isGone: () => boolean): Promise<void> {
    this.#trace.note('server', `${query.id} hangs`)
    const isForgotten = () => isGone() && this.#scheduler.now - query.askedAt > FORGOTTEN_MS
    while (!isForgotten()) await this.#during(query, this.#scheduler.sleep(HANG_MS))
  }

  /** Content that no table takes, and shortages that pass. */
  #refuse(rows: readonly ChangeRow[]): void {
    if (this.isFaulty && this.#random.chance(this.habits.outOfMemory))
      throw new RevwallError('CLICKHOUSE_241', 'Memory limit exceeded')
    if (rows.some(({ orderId }) => orderId.startsWith(REFUSED_PREFIX)))
      throw new RevwallError('CLICKHOUSE_349', 'Cannot convert NULL value to non-Nullable type')
  }

  #mend({ view, scope, barrierForMs }: Repair, { params = {}, queryId = '', settings = {} }: QueryOptions) {
    return this.#run(queryId, async (query) => {
      await this.#step(query)
      const isLate = this.#random.chance(this.habits.lateRepairs)
      if (isLate) await this.#during(query, this.#scheduler.sleep(this.#random.next() * LATE_MS))
      const { now } = this.#scheduler
      const isHeld = (until: number) => {
        const open = this.#openBarriers()
        return open.length === 1 && open[0]!.id === params.barrier && open[0]!.expiresAt > until
      }
      if (barrierForMs !== undefined && !isHeld(now + Number(barrierForMs))) throw thrown('barrier lost')
      const repair = repairOf(viewNamed(view), scope, this.tables)
      await this.#step(query)
      if (this.#scheduler.now - now > Number(settings.max_execution_time) * 1_000)
        throw new RevwallError('CLICKHOUSE_159', 'Timeout exceeded')
      if (!isHeld(this.#scheduler.now)) this.faults.push(`repair: ${view} is mended, and its barrier is over`)
      this.tables.addDifference(view, repair)
      this.#trace.note('server', `${view} is mended in ${repair.size} buckets`)
      await this.#step(query)
    })
  }

  async #run(id: string, work: (query: Running) => Promise<void>): Promise<void> {
    if (this.#running.has(id))
      throw new RevwallError('CLICKHOUSE_216', `Query with id = ${id} is already running`)
    const running = this.#running
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const query: Running = { id, kind: 'Insert', askedAt: this.#scheduler.now, ended }
    running.set(id, query)
    try {
      await work(query)
    } finally {
      running.delete(id)
      end()
    }
  }

  async #kill(id: string): Promise<void> {
    const query = this.#running.get(id)
    if (query === undefined) return
    this.#trace.note('server', `KILL ${id}`)
    interrupt(query, new RevwallError('CLICKHOUSE_394', 'Query was cancelled'))
    await query.ended
  }

  async #step(query: Running): Promise<void> {
    const { stepMs, slow, slowMs, deaf } = this.habits
    const isSlow = this.#random.chance(slow)
    const ms = this.#random.next() * (isSlow ? slowMs : stepMs)
    const sleep = this.#scheduler.sleep(ms)
    if (isSlow && this.#random.chance(deaf)) await sleep
    await this.#during(query, sleep)
  }

  /** Waits for something, unless the query is ended meanwhile. */
  async #during<T>(query: Running, work: Promise<T>): Promise<T> {
    const ended = new Promise<void>((resolve) => {
      query.wake = resolve
      if (query.end !== undefined) resolve()
    })
    const outcome = await Promise.race([work, ended])
    if (query.end !== undefined) throw query.end
    return outcome as T
  }

  #openBarriers() {
    return this.tables.openBarriers(this.#scheduler.now)
  }
}

const LATE_MS = 9_000
const HANG_MS = 2_000
const FORGOTTEN_MS = 10_000
/** What the guard reads where a partition has no mark at all. */
const NO_MARK = -9
/** An order whose id begins so has rows that the table refuses. */
export const REFUSED_PREFIX = 'refused-'

function interrupt(query: Running, end: RevwallError): void {
  query.end = end
  query.wake?.()
}

function thrown(message: string): RevwallError {
  return new RevwallError('CLICKHOUSE_395', `${message}: while executing the guard`)
}

export function unreachable(why: string): RevwallError {
  return new RevwallError('CLICKHOUSE_UNREACHABLE', `No answer from ClickHouse: ${why}`)
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const places = items.map((item) => ({ item, place: random.next() }))
  return places.sort((a, b) => a.place - b.place).map(({ item }) => item)
}
