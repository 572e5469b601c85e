/** The TV's browser: its page, its memory over a reload, and its screen that is not to go dark. */
import { type BuildPorts, buildOf } from './build-watch.ts'

/** Read when the page starts: later on the head also has what dialogs have loaded. */
export const RUNNING_BUILD = buildOf(document.head.innerHTML)

const BUILD_KEY = 'revwall-reloaded-for'
const FAULT_KEY = 'revwall-fault-at'
/** A page that fails at its start is not to reload in a circle. */
const FAULT_INTERVAL_MS = 60_000
const RETRY_MS = 10_000

export const browserBuild: BuildPorts = {
  async fetchPage() {
    try {
      const response = await fetch(location.pathname, { cache: 'no-store' })
      // Whoever is sent to the login is no newer version; the visitor's check sees to that.
      return response.ok && !response.redirected ? await response.text() : null
    } catch {
      // The server is away; the connection says so on the page.
      return null
    }
  },
  reload: () => location.reload(),
  recall: () => sessionStorage.getItem(BUILD_KEY),
  remember: (build) => sessionStorage.setItem(BUILD_KEY, build),
}

/** A fault of the page itself: nobody is there to press reload. It waits until the server has a page to give. */
export function reloadAfterFaults(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const attempt = async () => {
    const isThere = (await browserBuild.fetchPage()) !== null
    const isEarly = Date.now() - Number(sessionStorage.getItem(FAULT_KEY)) < FAULT_INTERVAL_MS
    if (!isThere || isEarly) {
      timer = setTimeout(attempt, RETRY_MS)
      return
    }
    sessionStorage.setItem(FAULT_KEY, String(Date.now()))
    location.reload()
  }
  const onFault = () => {
    timer ??= setTimeout(attempt, RETRY_MS)
  }
  addEventListener('error', onFault)
  addEventListener('unhandledrejection', onFault)
  return () => {
    removeEventListener('error', onFault)
    removeEventListener('unhandledrejection', onFault)
    clearTimeout(timer)
  }
}

/** Where the browser has a wake lock. It ends with every hiding of the page, so it is asked for again at each return. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null
  let isOver = false
  const ask = async () => {
    if (document.hidden || !('wakeLock' in navigator)) return
    try {
      lock = await navigator.wakeLock.request('screen')
      if (isOver) await lock.release()
    } catch {
      // Refused (an empty battery, a policy): the screen's own settings have it then.
    }
  }
  void ask()
  document.addEventListener('visibilitychange', ask)
  return () => {
    isOver = true
    document.removeEventListener('visibilitychange', ask)
    void lock?.release()
  }
}
