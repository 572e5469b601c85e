/** What passes between the steps of the batch protocol. */
import type { RereadOrder } from '../../core/contracts/commands.ts'
import type { DeadLetter } from '../../core/contracts/dead-letters.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { PackedBatch } from './packed-batch.ts'

/** The newest word of one source on one partition. */
export interface Progress {
  tenant: string
  source: string
  /** The last `source.progress`, as it came; empty before the first. */
  json: string
  /** Wall clock of its last fact; 0 before the first. */
  factAt: number
}

/** Where a partition stands: the end of its chain of marks. */
export interface MarkPosition {
  /** First offset of the last mark, for the guard's range. */
  first: number
  last: number
  progress: ReadonlyMap<string, Progress>
}

/** Records m+1 … b, as they were taken. */
export interface TakenBatch {
  first: number
  last: number
  /** How many records. */
  count: number
  /** There is at least another one like it behind it. */
  isFull: boolean
  /** When its first and its last record were appended, ms. */
  appended: { firstAt: number; lastAt: number }
  /** Gone when it was handed to the worker. */
  packed: PackedBatch
}

/** A batch as it is to be written, and what it says to others. */
export interface ComputedBatch {
  first: number
  last: number
  takenAt: number
  /** Rows in `body`, the mark's too. */
  rows: number
  /** In ClickHouse's Native format. */
  body: Uint8Array<ArrayBuffer>
  mark: MarkPosition
  hash: string
  deadLetters: DeadLetter[]
  rereads: RereadOrder[]
  /** Records that belong to another partition since the topic has grown: they are put there. In the order of their offsets. */
  misplaced: { offset: number; partition: number }[]
  /** Its last record is a growth of the topic that counts: nothing is taken behind it until the others are there. */
  hasGrown: boolean
  /** Local days (since 1970) that its rows touch, by tenant. */
  touched: Map<string, Set<number>>
  facts: number
  warnings: number
  /** Orders of the partition, with those of this batch. */
  orders: number
}

/** What all batches of a partition have in common. */
export interface BatchContext {
  run: string
  topic: string
  partition: number
  incarnation: string
  code: string
  serverStart: number
  /** Of several servers, when each was started; `serverStart` is the first one's then. */
  serverStarts?: readonly number[]
  tenants: ReadonlyMap<string, TenantConfig>
}

/** When the server of this partition was started. */
export function serverStartOf({
  serverStart,
  serverStarts,
  partition,
}: Pick<BatchContext, 'serverStart' | 'serverStarts' | 'partition'>): number {
  return serverStarts?.[partition % serverStarts.length] ?? serverStart
}
