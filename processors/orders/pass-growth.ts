/**
 * The barrier at which partitions grow (EXACTNESS.md). It stands in the log itself: a partition that has taken its
 * `partitions.grown` takes nothing more until all old ones have taken theirs and the new ones have their opening marks,
 * which come in one insert. So whatever was put before the barrier is in the table before anything behind it is folded,
 * and whoever has a key from then on finds the order there. It is the same for a run that is filled years later.
 */
import type { PartitionsGrown } from '../../core/contracts/partition-growth.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import type { BatchContext } from './batch.ts'
import { growthIn } from './growth.ts'
import { writeOpeningMarks } from './open-marks.ts'
import { type PartitionScope, readLastMark, type StoredMark } from './read-position.ts'

export interface PassOptions {
  scope: PartitionScope
  context: BatchContext
  clock: Clock
  signal: AbortSignal
  /** What it waits for; told once for each reason. */
  onWaiting: (why: string) => void
}

const POLL_MS = 200

/** Resolves true when nothing keeps the partition from going on at this mark; false when told to stop. */
export async function passGrowth(mark: StoredMark, options: PassOptions): Promise<boolean> {
  const { clock, signal, onWaiting } = options
  const growth = growthIn(mark.progress.values())
  let told = ''
  while (!signal.aborted) {
    const why = growth === undefined ? undefined : await obstacle(growth, options)
    if (why === undefined) return true
    if (why !== told) onWaiting(why)
    told = why
    await clock.sleep(POLL_MS, signal)
  }
  return false
}

async function obstacle(growth: PartitionsGrown, options: PassOptions): Promise<string | undefined> {
  const { scope } = options
  const { from, to } = growth
  if ((await readLastMark({ ...scope, partition: to - 1 })) !== undefined) return undefined
  const old = await Promise.all(range(0, from).map((partition) => readLastMark({ ...scope, partition })))
  const behind = range(0, from).filter((partition) => !hasReached(old[partition], to))
  if (behind.length > 0) return missing(growth, behind)
  // Nobody can write now: each old partition stands at its barrier, whoever its owner is, and the new ones have no mark.
  try {
    await openNew(growth, old as StoredMark[], options)
    return undefined
  } catch (error) {
    if (!(error instanceof RevwallError)) throw error
    // Another processor was faster, or ClickHouse is away, or a barrier is open: the next look tells.
    return `partitions ${from} to ${to - 1} are being opened: ${errorMessage(error)}`
  }
}

function hasReached(mark: StoredMark | undefined, to: number): boolean {
  return mark !== undefined && (growthIn(mark.progress.values())?.to ?? 0) >= to
}

/** A new partition begins with what the sources had told in the one that its keys come from. */
async function openNew(
  { from, to }: PartitionsGrown,
  old: readonly StoredMark[],
  { scope, context, clock }: PassOptions,
): Promise<void> {
  const openings = range(from, to).map((partition) => {
    const { progress } = old[partition % from]!
    return { partition, first: 0, progress }
  })
  await writeOpeningMarks({ ...scope, context, now: clock.now() }, openings)
}

function missing({ to }: PartitionsGrown, behind: readonly number[]): string {
  return (
    `the topic grows to ${to} partitions: ${behind.length === 1 ? 'partition' : 'partitions'} ${behind.join(', ')} ` +
    `must reach that place first; should this stay, run: revwall partitions grow ${to}`
  )
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}
