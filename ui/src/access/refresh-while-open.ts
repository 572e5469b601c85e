/**
 * For an effect of what is open for a while: loads at once and again after each pause; what it gives back ends that, and
 * `isStill` says so to a load that was under way.
 */
export function refreshWhileOpen(
  load: (isStill: () => boolean) => Promise<void>,
  pauseMs: number,
): () => void {
  let isOpen = true
  let timer: ReturnType<typeof setTimeout> | undefined
  const refresh = async () => {
    // Nobody looks at a hidden tab.
    if (!document.hidden) await load(() => isOpen)
    if (isOpen) timer = setTimeout(refresh, pauseMs)
  }
  void refresh()
  return () => {
    isOpen = false
    clearTimeout(timer)
  }
}
