/** What the main thread and the worker that computes batches say to each other. */
import type { OrderRow } from '../../clickhouse/native/order-row.ts'
import type { BatchContext, ComputedBatch, Progress } from './batch.ts'
import type { OrderKey } from './order-key.ts'
import type { PackedBatch } from './packed-batch.ts'

/** `id` is one life of one partition's state: a rebalance or a recovery begins another. */
export type ComputeTask =
  /** `scratch`: a folder for what the process does not keep in memory. */
  | { type: 'open'; id: number; context: BatchContext; mark: number; scratch?: string }
  | { type: 'load'; id: number; fingerprints: Uint32Array<ArrayBuffer> }
  /** All pages were loaded. */
  | { type: 'complete'; id: number }
  | {
      type: 'compute'
      id: number
      packed: PackedBatch
      progress: Progress[]
      serverStart: number
      refused?: string
      /** Last offsets of the batches that have landed since the task before, the oldest first. */
      landed: number[]
    }
  /** Present rows that the batch before asked for, by their `keyText`. */
  | { type: 'answer'; id: number; base: Map<string, OrderRow> }
  | { type: 'rollBack'; id: number; landed: number[] }
  | { type: 'close'; id: number }

export type ComputeAnswer =
  | { type: 'done'; orders: number }
  | { type: 'asks'; keys: OrderKey[] }
  | { type: 'batch'; batch: ComputedBatch }

/** Carries out a task. What is on the list is handed over, and gone here. */
export type Run = (task: ComputeTask, transferList: ArrayBuffer[]) => Promise<ComputeAnswer>
