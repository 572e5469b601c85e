/** The two cookies: of a session, and of a TV that waits for its code to be approved. No script can read either. */
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Browsers keep none for longer. */
const MAX_AGE_S = 400 * 86_400
const MAX_COOKIE_HEADER_CHARS = 8_192

export interface CookieJar {
  read(request: FastifyRequest): string | undefined
  write(request: FastifyRequest, reply: FastifyReply, value: string, forMs: number): void
  clear(request: FastifyRequest, reply: FastifyReply): void
}

/** Lax, so that a link to the wall in a mail opens it; no other site can send it along with anything but a plain GET. */
export const sessionCookies = (id: string): CookieJar => jar(`revwall_${id}`, 'Lax')
export const pairingCookies = (id: string): CookieJar => jar(`revwall_tv_${id}`, 'Strict')

function jar(name: string, sameSite: 'Lax' | 'Strict'): CookieJar {
  const set = (request: FastifyRequest, reply: FastifyReply, value: string, maxAgeS: number) => {
    const secure = isHttps(request) ? '; Secure' : ''
    const text = `${name}=${value}; Path=/; HttpOnly; SameSite=${sameSite}; Max-Age=${maxAgeS}${secure}`
    reply.header('set-cookie', text)
  }
  return {
    read: (request) => readCookie(request.headers.cookie ?? '', name),
    write: (request, reply, value, forMs) =>
      set(request, reply, value, Math.min(MAX_AGE_S, Math.floor(forMs / 1_000))),
    clear: (request, reply) => set(request, reply, '', 0),
  }
}

/** The browser itself says so in Origin, which each request that sets a cookie has; behind a proxy we could not know. */
function isHttps({ headers, protocol }: FastifyRequest): boolean {
  return protocol === 'https' || headers.origin?.startsWith('https:') === true
}

function readCookie(header: string, name: string): string | undefined {
  if (header.length > MAX_COOKIE_HEADER_CHARS) return undefined
  for (const part of header.split(';')) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name && value !== undefined && /^[\w-]{1,200}$/.test(value)) return value
  }
  return undefined
}
