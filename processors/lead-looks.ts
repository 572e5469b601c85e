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
  /**
   * Milliseconds behind a look, of what it took, in which nothing is looked at: the orders themselves go first. Five seconds
   * at the most. Default: none.
   */
  rest?: (opened: Opened, tookMs: number) => number
  /** `again`: there is more, and it looks as soon as it has rested. */
  look: (opened: Opened) => Promise<'again' | 'later'>
  close?: (opened: Opened) => Promise<void>
}

/** After a look at years of history too. */
const MOST_REST_MS = 5_000

/** Resolves when the signal came and nothing runs any more. */
export function leadLooks<Opened>(options: LeadOptions, looks: Looks<Opened>): Promise<void> {
  return leadGroup(options, looks.group, looks.complaint, async (signal, onSuccess) => {
    const opened = await looks.open(signal)
    try {
      while (!signal.aborted) {
        const beganAt = options.clock.now()
        const next = await looks.look(opened)
        onSuccess()
        const restMs = Math.min(MOST_REST_MS, looks.rest?.(opened, options.clock.now() - beganAt) ?? 0)
        if (next === 'later') await options.clock.sleep(Math.max(looks.intervalMs, restMs), signal)
        else if (restMs > 0) await options.clock.sleep(restMs, signal)
      }
    } finally {
      await looks.close?.(opened)
    }
  })
}
