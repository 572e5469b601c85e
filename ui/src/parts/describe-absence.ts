/** Why a panel has nothing, or nothing new, in words. */
import type { PanelAbsence } from '../../../core/contracts/panels.ts'
import { formatWhole } from '../format/format-number.ts'
import { messages } from '../messages.ts'

export function describeAbsence({ reason, have, need }: PanelAbsence): string {
  const text = messages.panel.absences
  if (reason === 'history' || reason === 'learning')
    return text[reason](formatWhole(Math.max(0, need - have)), formatWhole(have), formatWhole(need))
  return text[reason]
}
