/** The days before a forecast that are told beside it. */
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'

/** As many days before the cut-off are told as behind it. */
const PAST_DAYS = 56

export function pastDays({ cutOff, firstDay }: { cutOff: string; firstDay: string }): {
  from: string
  to: string
} {
  const from = Math.max(parseDay(firstDay), parseDay(cutOff) - PAST_DAYS + 1)
  return { from: formatDay(from), to: cutOff }
}
