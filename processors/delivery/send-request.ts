/**
 * One POST to somebody else's server, with a bound on everything: it follows no redirect, takes no longer than it may,
 * reads no more than it may, and connects to nothing private. The address is judged when the connection is made, as a
 * name may lead elsewhere the second time it is asked; each request has a connection of its own, so that this holds.
 */
import { type LookupAddress, lookup } from 'node:dns'
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { RevwallError } from '../../core/runtime/errors.ts'
import { isPrivateAddress } from './private-address.ts'

export interface OutgoingRequest {
  url: string
  headers: Record<string, string>
  body: Uint8Array
  timeoutMs: number
  /** Of the answer's body; 0: it is not read at all. */
  maxAnswerBytes: number
  signal: AbortSignal
}

export interface IncomingAnswer {
  status: number
  retryAfter: string | undefined
  body: string
}

/** Rejects where there is no answer: `DELIVERY_…`, or what the connection said. */
export type SendRequest = (request: OutgoingRequest) => Promise<IncomingAnswer>

export interface SenderOptions {
  allowPrivate: boolean
  /** DNS. */
  resolve?: typeof lookup
}

export function createSender({ allowPrivate, resolve = lookup }: SenderOptions): SendRequest {
  const guarded = allowPrivate ? undefined : guardedLookup(resolve)
  return async (outgoing) => {
    const url = new URL(outgoing.url)
    requireWeb(url)
    // A literal address is never looked up.
    const host = url.hostname.replace(/^\[|\]$/g, '')
    if (!allowPrivate && isIP(host) > 0 && isPrivateAddress(host)) throw refused(host)
    return exchange(url, outgoing, guarded)
  }
}

function requireWeb({ protocol }: URL): void {
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new RevwallError('DELIVERY_BAD_ADDRESS', `${protocol} is no address of the web`)
}

const refused = (host: string) =>
  new RevwallError('DELIVERY_PRIVATE_ADDRESS', `${host} is private (REVWALL_DELIVERY_PRIVATE=allow lets it)`)

function guardedLookup(resolve: typeof lookup): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      const open = error ? [] : found.filter(({ address }) => !isPrivateAddress(address))
      const [first] = open
      if (error) return done(error, '')
      if (first === undefined) return done(refused(hostname), '')
      return options.all ? done(null, open) : done(null, first.address, first.family)
    })
  }
}

function exchange(
  url: URL,
  { headers, body, timeoutMs, maxAnswerBytes, signal }: OutgoingRequest,
  guarded: LookupFunction | undefined,
): Promise<IncomingAnswer> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = request(url, {
      ...{ method: 'POST', agent: false, signal, ...(guarded && { lookup: guarded }) },
      headers: { ...headers, 'content-length': String(body.byteLength), connection: 'close' },
    })
    const late = setTimeout(
      () => sent.destroy(new RevwallError('DELIVERY_TIMEOUT', `no answer within ${timeoutMs} ms`)),
      timeoutMs,
    )
    let isAnswered = false
    sent.once('error', reject)
    sent.once('close', () => {
      clearTimeout(late)
      // An answer that has begun says itself how it ends.
      if (!isAnswered) reject(new RevwallError('DELIVERY_CUT', 'the connection was cut'))
    })
    sent.once('response', (answer) => {
      isAnswered = true
      const { statusCode: status = 0, headers } = answer
      readBounded(answer, maxAnswerBytes).then(
        (text) => resolve({ status, retryAfter: headers['retry-after'], body: text }),
        reject,
      )
    })
    sent.end(body)
  })
}

/** What is more than that is left where it is. */
async function readBounded(answer: IncomingMessage, maxBytes: number): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  if (maxBytes > 0)
    for await (const part of answer) {
      parts.push(part as Buffer)
      bytes += (part as Buffer).byteLength
      if (bytes >= maxBytes) break
    }
  answer.destroy()
  return Buffer.concat(parts).subarray(0, maxBytes).toString('utf8')
}
