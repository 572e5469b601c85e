/**
 * A scoring by several threads: what each stage asks of a thread, and who asks in which order. The columns and the cells
 * are on shared memory and stay where they are; only histograms travel.
 */
import { labelRange } from './label-cells.ts'
import { countParts, type MoneyTarget, narrow, targetsOf } from './money-buckets.ts'
import type { Cuts } from './quintile-cuts.ts'
import type { RfmColumns, RowRange } from './rfm-columns.ts'
import { beginCuts, countRange, finishCuts, mergeCounts, mergeParts, type RfmCounts } from './score-rfm.ts'

export type ScoreTask =
  | { stage: 'count'; columns: RfmColumns; range: RowRange }
  | { stage: 'parts'; columns: RfmColumns; range: RowRange; targets: MoneyTarget[] }
  | { stage: 'label'; columns: RfmColumns; range: RowRange; cuts: Cuts | null; cells: Uint8Array }

export type ScoreAnswer =
  | { stage: 'count'; counts: RfmCounts }
  | { stage: 'parts'; parts: Uint32Array }
  | { stage: 'label' }

/** What a thread does. */
export function runScoreTask(task: ScoreTask): ScoreAnswer {
  const { columns, range } = task
  switch (task.stage) {
    case 'count':
      return { stage: 'count', counts: countRange(columns, range) }
    case 'parts':
      return { stage: 'parts', parts: countParts(columns, range, task.targets) }
    case 'label':
      labelRange(columns, range, task.cuts, task.cells)
      return { stage: 'label' }
  }
}

/** Buffers of an answer that go over without a copy. */
export function buffersOf(answer: ScoreAnswer): ArrayBuffer[] {
  if (answer.stage === 'label') return []
  if (answer.stage === 'parts') return [answer.parts.buffer as ArrayBuffer]
  const { days, orders, money } = answer.counts
  return [days, orders, money].map(({ buffer }) => buffer as ArrayBuffer)
}

export interface ScoreInRanges {
  columns: RfmColumns
  /** One byte a row, written; on shared memory, too. */
  cells: Uint8Array
  /** As many as there are threads. */
  ranges: number
  run(task: ScoreTask): Promise<ScoreAnswer>
}

/** As `scoreRfm`: the same cuts and cells. Rows must not change meanwhile. */
export async function scoreInRanges({ columns, cells, ranges, run }: ScoreInRanges): Promise<Cuts | null> {
  const all = evenRanges(columns.orders.length, ranges)
  const counts = mergeCounts(
    await Promise.all(
      all.map(async (range) => {
        const answer = await run({ stage: 'count', columns, range })
        return (answer as Extract<ScoreAnswer, { stage: 'count' }>).counts
      }),
    ),
  )
  let selection = beginCuts(counts)
  for (let targets = targetsOf(selection); targets.length > 0; targets = targetsOf(selection)) {
    const wanted = targets
    const parts = all.map(async (range) => {
      const answer = await run({ stage: 'parts', columns, range, targets: wanted })
      return (answer as Extract<ScoreAnswer, { stage: 'parts' }>).parts
    })
    selection = narrow(selection, wanted, mergeParts(await Promise.all(parts)))
  }
  const cuts = finishCuts(counts, selection)
  await Promise.all(all.map((range) => run({ stage: 'label', columns, range, cuts, cells })))
  return cuts
}

export function evenRanges(rows: number, ranges: number): RowRange[] {
  return Array.from({ length: ranges }, (_, at) => ({
    from: Math.floor((rows * at) / ranges),
    to: Math.floor((rows * (at + 1)) / ranges),
  }))
}
