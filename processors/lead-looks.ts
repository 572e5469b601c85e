/** Who leads a group opens what it needs, and looks time and again until the signal: what all who follow the orders do. */
import { type LeadOptions, leadGroup } from './lead-group.ts'

export interface Looks<Opened> {
  group: string
  /** Told once where something fails; then it is opened anew. */
  complaint: string
  /** Between two looks. */
  intervalMs: number
  /** The signal comes too where another one leads from now on. */
  open: (signal: AbortSignal) => Promise<Opened>
  /** `again`: there is more, and it looks at once. */
  look: (opened: Opened) => Promise<'again' | 'later'>
  close?: (opened: Opened) => Promise<void>
}

/** Resolves when the signal came and nothing runs any more. */
export function leadLooks<Opened>(options: LeadOptions, looks: Looks<Opened>): Promise<void> {
  return leadGroup(options, looks.group, looks.complaint, async (signal, onSuccess) => {
    const opened = await looks.open(signal)
    try {
      while (!signal.aborted) {
        const next = await looks.look(opened)
        onSuccess()
        if (next === 'later') await options.clock.sleep(looks.intervalMs, signal)
      }
    } finally {
      await looks.close?.(opened)
    }
  })
}
