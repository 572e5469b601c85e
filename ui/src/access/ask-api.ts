/** Requests of the page besides the websocket: who asks, coming in and going, screens and links. */

export type Answer<T> = { ok: true; body: T } | Refusal
/** `status` 0: the server cannot be reached. */
export type Refusal = { ok: false; status: number; code: string; message: string }

/** The tenant that the address chooses, for whoever belongs to several; '' where it does not say. */
export function tenantQuery(): string {
  const tenant = new URLSearchParams(location.search).get('tenant')
  return tenant === null ? '' : `?tenant=${encodeURIComponent(tenant)}`
}

export function getJson<T>(path: string): Promise<Answer<T>> {
  return ask(path, {})
}

export function postJson<T>(path: string, body: object): Promise<Answer<T>> {
  const headers = { 'content-type': 'application/json' }
  return ask(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function ask<T>(path: string, init: RequestInit): Promise<Answer<T>> {
  try {
    const response = await fetch(path, { ...init, cache: 'no-store', credentials: 'same-origin' })
    const body = await response.json()
    if (response.ok) return { ok: true, body: body as T }
    const { code = '', message = response.status } = body?.error ?? {}
    return { ok: false, status: response.status, code: String(code), message: String(message) }
  } catch {
    // No network, no server, or somebody else's answer in between: all the same to who waits.
    return { ok: false, status: 0, code: '', message: '' }
  }
}

/** Why it was refused, in the page's words where it has any; `unreachable` where there was no answer. */
export function faultText(
  { code, message }: Refusal,
  faults: Readonly<Record<string, string>>,
  unreachable: string,
): string {
  return faults[code] ?? (message || unreachable)
}
