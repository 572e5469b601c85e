const SPEAK_INTERVAL_MS = 60_000

/**
 * Passes at most one sentence a minute to the polite live region; those in between are dropped, the next one after the
 * minute says the newest state anyway.
 */
export function createSpeaker(speak: (sentence: string) => void) {
  let spokeAtMs: number | null = null
  return {
    offer(sentence: string, nowMs: number): void {
      if (sentence === '') return
      if (spokeAtMs !== null && nowMs - spokeAtMs < SPEAK_INTERVAL_MS) return
      spokeAtMs = nowMs
      speak(sentence)
    },
  }
}
