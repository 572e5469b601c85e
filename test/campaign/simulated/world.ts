/** A seed's world: one log, one server, several processes, and what happens to them. */
import { batchQueryId } from '../../../clickhouse/native/guarded-insert.ts'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import { TOPICS } from '../../../core/contracts/topics.ts'
import type { EventLog } from '../../../core/log/event-log.ts'
import { errorCode, errorMessage, RevwallError } from '../../../core/runtime/errors.ts'
import type { Logger } from '../../../core/runtime/logger.ts'
import type { PartitionEvent, Step } from '../../../processors/orders/partition-loop.ts'
import { Random } from '../../oracle/random.ts'
import { type House, openHouse, RUN, TOPIC } from './house.ts'
import { Life } from './life.ts'
import type { Mutant } from './mutants/mutant.ts'
import type { Plan } from './plan.ts'
import { openSales, type Sales } from './sales.ts'
import { Scheduler } from './scheduler.ts'
import { SimulatedGroup } from './simulated-group.ts'
import { SimulatedLog } from './simulated-log.ts'
import { SimulatedWarehouse } from './simulated-warehouse.ts'
import type { Trace } from './trace.ts'
import { connectSimulated } from './warehouse-client.ts'

/** What a guard says, and that the id is held by another insert: then nothing was written. */
const NOTHING_WRITTEN = new Set(['CLICKHOUSE_395', 'CLICKHOUSE_216'])
/** After the shops' last day: nothing that they tell lies in the future. */
const BEGIN_MS = Date.UTC(2026, 5, 1)

export class World {
  readonly plan: Plan
  readonly mutant: Mutant
  readonly trace: Trace
  readonly scheduler = new Scheduler(BEGIN_MS)
  /** What happens, and how long things take: streams of their own, so that they do not disturb each other. */
  readonly chance: Random
  readonly #delays: Random
  readonly group: SimulatedGroup
  readonly log: SimulatedLog
  readonly server: SimulatedWarehouse
  readonly sales: Sales
  readonly network: Plan['network'] & { isFlaky: boolean }
  /** What must never be, as it was seen. */
  readonly faults: string[] = []
  readonly counts = { landed: 0, settled: 0, fenced: 0, ended: 0, killed: 0, crashes: 0 }
  /** Inserts that failed, and of which nobody has said yet what became of them: their views may be apart from the base. */
  readonly #uncertain = new Set<string>()
  /** Those whose days somebody who ended them has had audited; what their senders hear later is nothing new. */
  readonly #endedByOthers = new Set<string>()
  readonly #underWay = new Set<{ life: Life; queryId: string }>()
  #isAuditOwed = false
  readonly houses = new Map<number, House>()
  readonly lives = new Map<number, Life>()
  #opened = 0
  isOver = false

  constructor(plan: Plan, mutant: Mutant, trace: Trace) {
    this.plan = plan
    this.mutant = mutant
    this.trace = trace
    trace.begin(this.scheduler)
    this.chance = new Random(plan.seed ^ 0x5eed)
    this.#delays = new Random(plan.seed ^ 0xde1a)
    const { partitions, splitBrain } = plan
    this.group = new SimulatedGroup(this.scheduler, this.chance, trace, { partitions, splitBrain })
    this.log = new SimulatedLog(this.scheduler, this.#delays, { ...plan.log }, this.group)
    for (const { name } of Object.values(TOPICS)) this.log.addTopic(name, name === TOPIC ? partitions : 1)
    this.server = new SimulatedWarehouse(this.scheduler, this.#delays, trace, { ...plan.server })
    this.sales = openSales(plan)
    this.network = { ...plan.network, isFlaky: false }
  }

  /** Opens the n-th process, and another one in its place whenever it ends, until the world is over. */
  async keepHouse(slot: number): Promise<void> {
    while (!this.isOver) {
      const ended = new Promise<void>((resolve) => {
        const life = this.#newLife(slot, resolve)
        this.lives.set(slot, life)
        this.#open(slot, life).catch((error: unknown) => {
          this.#failedToOpen(life, error)
          life.end()
        })
      })
      await ended
      this.houses.delete(slot)
      this.lives.delete(slot)
      this.group.rebalance()
      await this.scheduler.sleep(this.chance.int(20, 1_500))
    }
  }

  async #open(slot: number, life: Life): Promise<void> {
    const house = await openHouse(this.#portsOf(life))
    if (!life.isDead) this.houses.set(slot, house)
    this.trace.note(life.name, 'is open')
  }

  #failedToOpen(life: Life, error: unknown): void {
    this.trace.note(life.name, `does not open: ${errorMessage(error)}`)
    const passes = /^(CLICKHOUSE_|LOG_)/.test(errorCode(error) ?? '')
    if (!passes) this.faults.push(`a process does not open: ${describe(error)}`)
  }

  #newLife(slot: number, onEnd: () => void): Life {
    this.#opened += 1
    const life: Life = new Life(`p${slot}.${this.#opened}`, this.scheduler, this.trace, (isKilled) => {
      if (isKilled) this.#killed(slot, life)
      onEnd()
    })
    return life
  }

  /** With it goes what it knew: what became of its inserts, and which days it had still to audit. */
  #killed(slot: number, life: Life): void {
    this.counts.killed += 1
    for (const insert of this.#underWay) if (insert.life === life) this.#doubt(insert.queryId)
    const house = this.houses.get(slot)
    if (house?.life !== life || house.reconciler.isUnsettled()) this.#isAuditOwed = true
  }

  #doubt(queryId: string): void {
    if (!this.#endedByOthers.has(queryId)) this.#uncertain.add(queryId)
  }

  #portsOf(life: Life) {
    const { plan, mutant } = this
    const steps = new Set<Step>()
    const host = { random: this.#delays, steps, isOutside: false, incarnation: this.log.incarnation }
    const plain = this.client(life)
    const log = this.log.handle(life)
    const clock = this.scheduler.clock()
    return {
      plan,
      life,
      warehouse: mutant.warehouse?.(plain, host) ?? plain,
      log: mutant.log?.(log, host) ?? log,
      clock: {
        now: clock.now,
        sleep: (ms: number, signal?: AbortSignal) =>
          life.through(
            () => 'sleep',
            () => clock.sleep(ms, signal),
          ),
      },
      logger: this.#loggerOf(life),
      random: new Random(plan.seed + this.#opened),
      compute: (run: Parameters<NonNullable<Mutant['compute']>>[0]) => mutant.compute?.(run, host) ?? run,
      onStep: (step: Step, phase: 'before' | 'after') => {
        if (phase === 'before') steps.add(step)
        else steps.delete(step)
      },
      onEvent: (partition: number, event: PartitionEvent) => this.#heard(life, partition, event),
      auditsSettled: mutant.auditsSettled ?? true,
      auditsEnded: mutant.auditsEnded ?? true,
      onUnsettled: () => {
        this.#isAuditOwed = true
      },
    }
  }

  /**
   * A process was killed or stopped with days that are not audited, or the outcome of an insert was never looked at by who sent it, nor
   * by who ended it: only the reconciler's rounds will find what is apart.
   */
  get isRoundOwed(): boolean {
    return this.#isAuditOwed || this.#uncertain.size > 0
  }

  /** For a process; `life` may be nobody's, whom nothing ever happens to. */
  client(life: Life): Warehouse {
    const { scheduler, server, network } = this
    const client = connectSimulated({ scheduler, random: this.#delays, server, habits: network, life })
    return {
      ...client,
      insert: async (sql, body, options) => {
        const sent = { life, queryId: options.queryId }
        this.#underWay.add(sent)
        try {
          await client.insert(sql, body, options)
        } catch (error) {
          if (!NOTHING_WRITTEN.has(errorCode(error) ?? '')) this.#doubt(options.queryId)
          throw error
        } finally {
          this.#underWay.delete(sent)
        }
      },
    }
  }

  /** Someone who looks from outside, with the mutant in between; on a log that may say that it is another one. */
  outsider(incarnation = this.log.incarnation): { warehouse: Warehouse; log: EventLog } {
    const life = new Life('outsider', this.scheduler, this.trace, () => {})
    const host = {
      random: this.#delays,
      steps: new Set<Step>(),
      isOutside: true,
      incarnation: this.log.incarnation,
    }
    const plain = this.client(life)
    const log = { ...this.log.handle(), incarnation }
    return {
      warehouse: this.mutant.warehouse?.(plain, host) ?? plain,
      log: this.mutant.log?.(log, host) ?? log,
    }
  }

  #heard(life: Life, partition: number, event: PartitionEvent): void {
    this.trace.note(life.name, `${TOPIC}/${partition}: ${tell(event)}`)
    if (event.type === 'fenced') this.counts.fenced += 1
    if (event.type === 'ended') this.#ended(partition, event)
    if (event.type !== 'landed') return
    this.counts.landed += 1
    if (event.settled) this.counts.settled += 1
    const { first, last, hash, takenAt } = event.batch
    this.#uncertain.delete(batchQueryId(RUN, TOPIC, partition, first - 1))
    const marks = this.server.tables.marks(TOPIC, partition)
    const isThere = marks.some(
      (mark) =>
        mark.markFirst === first &&
        mark.markLast === last &&
        mark.markHash === hash &&
        mark.takenAt === takenAt,
    )
    if (!isThere)
      this.faults.push(
        `landed: ${TOPIC}/${partition} ${first} to ${last} is said to be in the table, and is not`,
      )
  }

  /** From here on its days are the business of who ended it. */
  #ended(partition: number, { after, days }: PartitionEvent & { type: 'ended' }): void {
    this.counts.ended += 1
    if (days === undefined) return
    const queryId = batchQueryId(RUN, TOPIC, partition, after)
    this.#endedByOthers.add(queryId)
    this.#uncertain.delete(queryId)
  }

  #loggerOf(life: Life): Logger {
    const log =
      (level: string) =>
      (message: string, fields: Record<string, unknown> = {}) => {
        const { why, error = fields.why } = fields
        this.trace.note(
          life.name,
          `${level}: ${message} ${error === undefined ? '' : errorMessage(why ?? error)}`,
        )
        if (level === 'error' || mustNotBe(error)) this.faults.push(`${message}: ${describe(error)}`)
      }
    const logger: Logger = {
      ...{ debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      child: () => logger,
    }
    return logger
  }
}

/** What an audit may not say, whatever goes wrong. That a repair failed may be said where it was never carried out. */
function mustNotBe(error: unknown): boolean {
  const code = errorCode(error)
  if (code === 'MEND_FAILED') return (error as Error).cause === undefined
  return code === 'BARRIER_IGNORED'
}

function tell(event: PartitionEvent): string {
  switch (event.type) {
    case 'landed':
      return `${event.batch.first} to ${event.batch.last} landed${event.settled ? `, settled: ${event.why}` : ''}`
    case 'recovered':
      return `recovered at ${event.mark}`
    case 'loaded':
      return `${event.orders} orders are known`
    case 'halted':
      return `halted: ${event.why}`
    case 'waiting':
      return `waits: ${event.why}`
    case 'fenced':
      return 'fenced'
    case 'left':
      return 'left'
    case 'ended':
      return `ended another's insert, days ${event.days?.join(', ') ?? 'not known'}`
  }
}

export function describe(error: unknown): string {
  return error instanceof RevwallError
    ? `${error.code}: ${error.message}`
    : ((error as Error).stack ?? String(error))
}
