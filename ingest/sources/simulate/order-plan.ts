/** What will happen to an order after it was placed, and how long that takes. Most orders are done at once. */
import type { Random } from './random.ts'
import type { SimulationSettings } from './simulation-options.ts'

export const STEPS = {
  /** It was pending and is paid now. */
  pay: [30, 2 * 3_600],
  /** The payment is told alone; the snapshot that counts follows. */
  'pay-alone': [30, 2 * 3_600],
  confirm: [1, 600],
  complete: [3_600, 3 * 86_400],
  /** The payment was refused: it never counts. */
  fail: [60, 3_600],
  'edit-address': [600, 2 * 86_400],
  'edit-lines': [600, 2 * 86_400],
  refund: [6 * 3_600, 30 * 86_400],
  'refund-alone': [6 * 3_600, 30 * 86_400],
  cancel: [600, 3 * 86_400],
  'cancel-alone': [600, 3 * 86_400],
  restore: [3_600, 2 * 86_400],
} as const satisfies Record<string, readonly [number, number]>
export type Step = keyof typeof STEPS

/** How long an order of each sort stays open, days, about: what memory is planned for. */
const OPEN_DAYS = { update: 1.5, refund: 8, cancel: 1, duplicate: 0.2, late: 0.5 }

/** The mean time that an order stays open, days. */
export function meanOpenDays(settings: SimulationSettings): number {
  const { updateShare, refundShare, cancelShare, duplicateShare, lateShare } = settings
  return (
    updateShare * (OPEN_DAYS.update + refundShare * OPEN_DAYS.refund) +
    refundShare * OPEN_DAYS.refund +
    cancelShare * OPEN_DAYS.cancel +
    duplicateShare * OPEN_DAYS.duplicate +
    lateShare * OPEN_DAYS.late
  )
}

/** The steps of an order, first to last; mostly none. */
export function drawPlan(random: Random, settings: SimulationSettings): readonly Step[] {
  const { updateShare, refundShare, cancelShare } = settings
  const share = random.next()
  if (share < updateShare) {
    const update = random.pick(UPDATES)
    return update.at(-1) !== 'fail' && random.chance(refundShare) ? [...update, 'refund'] : update
  }
  if (share < updateShare + refundShare) return random.pick(REFUNDS)
  if (share < updateShare + refundShare + cancelShare) return random.pick(CANCELLATIONS)
  return NONE
}

/** True where the order is not paid when it is placed. */
export function beginsPending(plan: readonly Step[]): boolean {
  return plan[0] === 'pay' || plan[0] === 'pay-alone' || plan[0] === 'fail'
}

export function delayMs(random: Random, step: Step, scale: number): number {
  const [min, max] = STEPS[step]
  return random.spread(min, max) * 1_000 * scale
}

const NONE: readonly Step[] = []
const UPDATES: readonly (readonly Step[])[] = [
  ['pay', 'complete'],
  ['pay', 'complete'],
  ['pay', 'edit-address', 'complete'],
  ['pay-alone', 'confirm', 'complete'],
  ['fail'],
  ['edit-address'],
  ['edit-address'],
  ['edit-lines'],
  ['edit-lines'],
  ['edit-lines', 'edit-lines'],
]
const REFUNDS: readonly (readonly Step[])[] = [
  ['refund'],
  ['refund'],
  ['refund-alone'],
  ['refund', 'refund-alone'],
  ['refund-alone', 'refund'],
]
const CANCELLATIONS: readonly (readonly Step[])[] = [
  ['cancel'],
  ['cancel'],
  ['cancel'],
  ['cancel-alone'],
  ['cancel-alone'],
  ['cancel', 'restore'],
  ['cancel-alone', 'restore', 'complete'],
]
