/** What a file amounted to: counted while it is read, the same after every restart. */
import { fromE4 } from '../../../core/contracts/money.ts'
import type { LineFault, LineFaultReason } from './line-fault.ts'
import type { Step, StepKind } from './timeline.ts'

interface Counted {
  invoices: number
  lines: number
  amountE4: bigint
}

export interface ReplayStats {
  /** Records of the file without its header: accepted and dead-lettered. */
  lines: number
  deadLetters: number
  deadLettersByReason: Partial<Record<LineFaultReason, number>>
  byKind: Record<StepKind, Counted>
  /** Of the cancellations: what found its order, and what became credits. `invoices` counts those that found all. */
  refunds: Counted
  credits: Counted
  /** Sum of all accepted lines. */
  amountE4: bigint
}

export function createReplayStats(): ReplayStats {
  const zero = () => ({ invoices: 0, lines: 0, amountE4: 0n })
  return {
    lines: 0,
    deadLetters: 0,
    deadLettersByReason: {},
    byKind: { sale: zero(), adjustment: zero(), cancellation: zero() },
    refunds: zero(),
    credits: zero(),
    amountE4: 0n,
  }
}

export function countFault(stats: ReplayStats, fault: LineFault): void {
  stats.deadLetters += 1
  stats.deadLettersByReason[fault.reason] = (stats.deadLettersByReason[fault.reason] ?? 0) + 1
}

export function countStep(stats: ReplayStats, step: Step): void {
  const { invoice, kind, creditLines, creditE4 } = step
  const refundLines = kind === 'cancellation' ? invoice.lines.length - creditLines : 0
  stats.amountE4 += BigInt(invoice.amountE4)
  count(stats.byKind[kind], invoice.lines.length, invoice.amountE4)
  if (creditLines > 0) count(stats.credits, creditLines, creditE4)
  if (refundLines === 0) return
  count(stats.refunds, refundLines, invoice.amountE4 - creditE4)
  if (creditLines > 0) stats.refunds.invoices -= 1
}

/** The lines that the command prints. */
export function summarize(stats: ReplayStats, currency: string): string[] {
  const { sale, adjustment, cancellation } = stats.byKind
  const money = (amountE4: bigint) => `${fromE4(amountE4)} ${currency}`
  const row = (name: string, { invoices, lines, amountE4 }: Counted) =>
    `${name}: ${invoices} invoices, ${lines} lines, ${money(amountE4)}`
  const reasons = Object.entries(stats.deadLettersByReason).map(([reason, number]) => `${reason} ${number}`)
  return [
    `read: ${stats.lines} lines, ${stats.lines - stats.deadLetters} accepted, ${money(stats.amountE4)}`,
    row('sales', sale),
    row('adjustments', adjustment),
    row('cancellations', cancellation),
    `refunds that found their order: ${share(stats.refunds.lines, cancellation.lines)} of the lines (${stats.refunds.lines}), ` +
      `${share(stats.refunds.invoices, cancellation.invoices)} of the invoices whole (${stats.refunds.invoices}), ` +
      `${share(Number(stats.refunds.amountE4), Number(cancellation.amountE4))} of the money (${money(stats.refunds.amountE4)})`,
    row('the rest as credits', stats.credits),
    `dead letters: ${stats.deadLetters}${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}`,
  ]
}

function share(part: number, whole: number): string {
  return whole === 0 ? '—' : `${((100 * part) / whole).toFixed(1)} %`
}

function count(counted: Counted, lines: number, amountE4: number): void {
  counted.invoices += 1
  counted.lines += lines
  counted.amountE4 += BigInt(amountE4)
}
