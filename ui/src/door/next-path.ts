/** Where to go after coming in: a path of this server and nothing else, whatever the address says. */
export function nextPath(search: string, origin: string): string {
  const asked = new URLSearchParams(search).get('next') ?? '/'
  try {
    const url = new URL(asked, origin)
    return url.origin === origin && asked.startsWith('/') ? url.pathname + url.search : '/'
  } catch {
    return '/'
  }
}
