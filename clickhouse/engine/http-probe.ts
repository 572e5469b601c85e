export interface Login {
  url: string
  user: string
  password: string
}

/** Sends one statement as `login`; the text of the answer, or undefined when there was no 200 within `timeoutMs`. */
export async function probe(login: Login, sql: string, timeoutMs: number): Promise<string | undefined> {
  const authorization = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`
  try {
    const response = await fetch(login.url, {
      method: 'POST',
      body: sql,
      // No keep-alive: a pooled connection would outlive the server it was made for.
      headers: { authorization, connection: 'close' },
      signal: AbortSignal.timeout(timeoutMs),
    })
    const body = await response.text()
    return response.ok ? body : undefined
  } catch {
    // Not up yet, or not any more: for both the caller asks again or looks at the process.
    return undefined
  }
}
