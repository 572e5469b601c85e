import type { Tiles } from '../../../core/contracts/tiles.ts'
import { fromE4 } from '../format/decimal.ts'
import { formatMoney, formatQuantity } from '../format/format-number.ts'
import { formatAge } from '../format/format-time.ts'
import { messages } from '../messages.ts'
import type { Tone } from './describe-status.ts'

/** The sentence at the right of the footer: whether what is shown was proved against the base table, and when. */
export function describeExactness(
  exactness: Tiles['exactness'],
  currency: string,
  nowMs: number,
): { text: string; tone: Tone } {
  const { footer } = messages
  // A drift that is known outranks an audit that is still running.
  if (exactness.driftE4 !== '0') {
    const amount = formatQuantity(fromE4(BigInt(exactness.driftE4)))
    return { text: footer.drift(amount, exactness.driftedBuckets), tone: 'bad' }
  }
  if (exactness.verifying) return { text: footer.verifying, tone: 'soft' }
  if (exactness.provedAt === null) return { text: footer.unproved, tone: 'soft' }
  const age = formatAge(nowMs - Date.parse(exactness.provedAt))
  return { text: footer.exact(formatMoney('0', currency), age), tone: 'good' }
}
