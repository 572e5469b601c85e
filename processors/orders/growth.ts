/**
 * Where a partition stands in the growth of its topic. The last `partitions.grown` that it has met is carried from mark to
 * mark, beside what the sources told, so that its place in the chain decides by which number keys are divided.
 */
import { type PartitionsGrown, partitionsGrown } from '../../core/contracts/partition-growth.ts'
import type { Progress } from './batch.ts'

/** No tenant and no source has an empty name. */
const NOBODY = { tenant: '', source: '' }

export function growthIn(progress: Iterable<Progress>): PartitionsGrown | undefined {
  for (const { tenant, json } of progress)
    if (tenant === NOBODY.tenant) return partitionsGrown.parse(JSON.parse(json))
  return undefined
}

export function growthAsProgress(growth: PartitionsGrown): Progress {
  return { ...NOBODY, json: JSON.stringify(growth), factAt: 0 }
}

/** Whether it counts where `before` was the last one: a command that is run again repeats itself, and changes nothing. */
export function follows(growth: PartitionsGrown, before: PartitionsGrown | undefined): boolean {
  return growth.to > growth.from && (before === undefined || growth.from === before.to)
}
