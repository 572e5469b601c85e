import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Debian's. The one that playwright would download is not on every machine, and not of ours to keep up to date. */
export const CHROMIUM = '/usr/bin/chromium'
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A missing browser fails and never skips: what was not seen in one is not known to work. */
export function openBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM))
    throw new Error(`${CHROMIUM} is not there. \`npm test\` installs it, or: apt-get install chromium`)
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS, timeout: 60_000 })
}
