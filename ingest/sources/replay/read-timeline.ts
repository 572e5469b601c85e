/** From records to steps, without I/O: whoever has the bytes pushes records and gets what became complete. */
import { RevwallError } from '../../../core/runtime/errors.ts'
import { createInvoiceBuilder, type Invoice } from './build-invoices.ts'
import type { CsvRecord } from './csv-parser.ts'
import type { LineFault } from './line-fault.ts'
import { createLineParser } from './parse-line.ts'
import { countFault, countStep, createReplayStats, type ReplayStats } from './replay-stats.ts'
import { createTimeline, type Step, type TimelineSettings } from './timeline.ts'

export interface BadRecord {
  record: CsvRecord
  fault: LineFault
}

export interface TimelinePart {
  steps: Step[]
  bad: BadRecord[]
}

export interface TimelineReader {
  readonly stats: ReplayStats
  push(records: readonly CsvRecord[]): TimelinePart
  end(): TimelinePart
}

/** When more lines than this cannot be read, and they are the most, the file is not what it was taken for. */
const MAX_BAD_LINES = 10_000

export function createTimelineReader(settings: TimelineSettings & { judgedAtMs: number }): TimelineReader {
  const parse = createLineParser(settings)
  const invoices = createInvoiceBuilder()
  const timeline = createTimeline(settings)
  const stats = createReplayStats()

  function take(record: CsvRecord): LineFault | undefined {
    const line = parse(record)
    return 'reason' in line ? line : invoices.add(line)
  }

  function toSteps(complete: readonly Invoice[]): Step[] {
    const steps = complete.map((invoice) => timeline.add(invoice))
    for (const step of steps) countStep(stats, step)
    return steps
  }

  return {
    stats,
    push(records) {
      const bad: BadRecord[] = []
      for (const record of records) {
        stats.lines += 1
        const fault = take(record)
        if (fault === undefined) continue
        countFault(stats, fault)
        bad.push({ record, fault })
      }
      refuseNonsense(stats)
      return { steps: toSteps(invoices.take()), bad }
    },
    end: () => ({ steps: toSteps(invoices.end()), bad: [] }),
  }
}

function refuseNonsense(stats: ReplayStats): void {
  if (stats.deadLetters <= MAX_BAD_LINES || stats.deadLetters * 2 < stats.lines) return
  const reasons = JSON.stringify(stats.deadLettersByReason)
  throw new RevwallError(
    'REPLAY_TOO_MANY_BAD_LINES',
    `most lines cannot be read: ${reasons} of ${stats.lines}`,
  )
}
