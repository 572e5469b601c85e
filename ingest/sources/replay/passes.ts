/**
 * After the last invoice the played weeks are played again, as orders of their own, some whole weeks later. Local wall
 * times are shifted, not instants: so a shop opens at the same hour of the same weekday whatever the clocks do.
 */
import type { Invoice } from './build-invoices.ts'
import { createTimeline, type Step, type TimelineSettings } from './timeline.ts'

const WEEK_MS = 7 * 86_400_000

/** The least number of whole weeks that brings the first invoice behind the last one. */
export function weeksPerPass(invoices: readonly Invoice[]): number {
  const first = invoices[0]
  const last = invoices.at(-1)
  if (first === undefined || last === undefined) return 1
  return Math.floor((last.localMs - first.localMs) / WEEK_MS) + 1
}

/**
 * The steps of pass 2 and later. Refunds are matched anew among the orders of the pass: what found an order of the
 * history in the first pass finds one of the pass now, or becomes a credit. So the sum of each pass is the same.
 */
export function passSteps(invoices: readonly Invoice[], pass: number, settings: TimelineSettings): Step[] {
  const shiftMs = (pass - 1) * weeksPerPass(invoices) * WEEK_MS
  const timeline = createTimeline(settings)
  return invoices.map((invoice) =>
    timeline.add({ ...invoice, id: `p${pass}-${invoice.id}`, localMs: invoice.localMs + shiftMs }),
  )
}
