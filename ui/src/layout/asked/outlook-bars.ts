/** The next days of a forecast as rows of bars: what is expected, and the band that four of five days end in. */

import { formatWhole } from '../../format/format-number.ts'
import { formatDay, formatWeekday } from '../../format/format-time.ts'
import { messages } from '../../messages.ts'
import type { OutlookAnswer } from '../../outlook/outlook.ts'
import { type BarRow, MAX_ROWS, toRows } from '../../tiles/bar-rows.ts'

/** `day`: the wall's; only days behind it, as that one is on its way. */
export function outlookBars({ forecast }: Pick<OutlookAnswer, 'forecast'>, day: string | null): BarRow[] {
  const ahead = (forecast?.points ?? []).filter((point) => day !== null && point.day > day).slice(0, MAX_ROWS)
  const bars = toRows(
    ahead.map((point) => ({
      key: point.day,
      name: `${formatWeekday(point.day, 'short')} ${formatDay(point.day, 'short')}`,
      revenue: point.value,
    })),
  )
  return bars.map((bar, at) => {
    const { low80, high80 } = ahead[at]!
    const low = low80.startsWith('-') ? '0' : low80
    return { ...bar, value: messages.layout.usually(bar.value, formatWhole(low), formatWhole(high80)) }
  })
}
