/**
 * Knows a new version of the page by its index.html: the names of scripts and styles have their content's hash. A page is
 * loaded anew once for each version, so that a cache in between that keeps the old page cannot make it reload for ever.
 */

export interface BuildPorts {
  /** The page's html from the server; null where it does not answer with it. */
  fetchPage(): Promise<string | null>
  reload(): void
  /** Kept over a reload; null: nothing is. */
  recall(): string | null
  remember(build: string): void
}

/** '' where there is no script: that is no page of ours. */
export function buildOf(html: string): string {
  const files = html.match(/assets\/[\w.-]+\.(?:js|css)/g) ?? []
  return [...new Set(files)].sort().join(' ')
}

/** True where the page is on its way to be loaded anew. */
export async function reloadIfNewer(running: string, ports: BuildPorts): Promise<boolean> {
  const html = await ports.fetchPage()
  const served = html === null ? '' : buildOf(html)
  if (served === '' || served === running || served === ports.recall()) return false
  ports.remember(served)
  ports.reload()
  return true
}
