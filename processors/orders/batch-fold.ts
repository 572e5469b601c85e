/** What the records of a batch add up to, besides its rows: what is said to others, and by which sources. */
import type { OrderRow } from '../../clickhouse/native/order-row.ts'
import type { RereadOrder } from '../../core/contracts/commands.ts'
import type { DeadLetter } from '../../core/contracts/dead-letters.ts'
import type { OrdersTopicEvent } from '../../core/contracts/events.ts'
import type { BatchContext, ComputedBatch } from './batch.ts'
import type { ComputeInput } from './batch-computer.ts'
import { type BatchSource, BatchSources } from './batch-sources.ts'
import { follows, growthAsProgress, growthIn } from './growth.ts'
import type { BatchOrigin } from './order-columns.ts'
import { type KeyBytes, partitionOfKey } from './order-key.ts'
import type { PackedBatch } from './packed-batch.ts'

export class Fold {
  readonly packed: PackedBatch
  readonly base: ReadonlyMap<string, OrderRow>
  readonly sources: BatchSources
  readonly origin: BatchOrigin
  readonly deadLetters: DeadLetter[] = []
  readonly rereads: RereadOrder[] = []
  readonly misplaced: ComputedBatch['misplaced'] = []
  readonly hasGrown: boolean
  /** Since the topic has grown: by which number keys are divided, here. */
  readonly #partitions: number | undefined
  readonly #partition: number
  facts = 0
  warnings = 0

  constructor({ packed, base, progress }: ComputeInput, context: BatchContext) {
    const { topic, incarnation, partition } = context
    const { growth } = packed
    const told = [...progress]
    const before = growthIn(told)
    this.packed = packed
    this.#partition = partition
    this.#partitions = before?.to
    this.base = base ?? new Map()
    this.sources = new BatchSources(context.tenants, told)
    this.origin = { takenAt: packed.takenAt, topic, incarnation, partition }
    this.hasGrown = growth !== undefined && follows(growth, before)
    if (growth !== undefined && this.hasGrown) this.sources.note(growthAsProgress(growth))
  }

  /** A producer that had not heard of the growth: the order's state is with the owner of another partition. */
  isMisplaced(key: KeyBytes, index: number): boolean {
    if (this.#partitions === undefined) return false
    const partition = partitionOfKey(key, this.#partitions)
    if (partition === this.#partition) return false
    this.misplaced.push({ offset: this.packed.offsets[index]!, partition })
    return true
  }

  /** A fact was taken. */
  note(source: BatchSource, appendedAt: number, isWarning: boolean): void {
    this.facts += 1
    if (isWarning) this.warnings += 1
    source.progress.factAt = appendedAt
  }

  noteProgress(event: OrdersTopicEvent): void {
    // The tenant was judged before.
    this.sources.of(event.tenant, event.source)!.progress.json = JSON.stringify(event)
  }
}
