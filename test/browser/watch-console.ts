import type { Page } from 'playwright-core'

export interface ConsoleWatch {
  /** What the browser or the page complained of since the last time that this was asked. */
  take(): string[]
}

/** Attach before the page is opened. */
export function watchConsole(page: Page): ConsoleWatch {
  let complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`))
  return {
    take() {
      const taken = complaints
      complaints = []
      return taken
    },
  }
}

/** While the server is away Chromium itself complains of each attempt to reach it; no page can keep it from that. */
export function isUnreachable(complaint: string): boolean {
  return /WebSocket connection to .* failed|net::ERR_(CONNECTION_\w+|EMPTY_RESPONSE)|status of 503/.test(
    complaint,
  )
}
