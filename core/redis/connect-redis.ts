/**
 * Redis as a port, for what processes share and can do without: every call is answered or refused within a named time,
 * and while Redis does not answer it is refused at once, so that nobody ever waits for it. It comes back by itself.
 */
import { Redis as Client } from 'ioredis'
import { errorMessage, RevwallError } from '../runtime/errors.ts'
import type { Logger } from '../runtime/logger.ts'

/** A healthy Redis answers within a millisecond or two; one that takes longer than this counts as gone. */
export const ANSWER_WITHIN_MS = 1_000
/** It is asked for a sign of life this often: who is paused or cut off closes no connection. */
export const LOOK_INTERVAL_MS = 1_000
const CONNECT_WITHIN_MS = 2_000
const MAX_RETRY_PAUSE_MS = 1_000
/** Calls without an answer yet; one more is refused. What they hold stays bounded while Redis is slow. */
const MAX_IN_FLIGHT = 1_000

export interface Redis {
  /** Whether it answered when it was last asked. */
  isUp(): boolean
  /**
   * One command, never repeated. Rejects with RevwallError: `REDIS_UNREACHABLE` when there is no answer within
   * ANSWER_WITHIN_MS, at once while it is down (then the command was not sent; else it may still be executed, even much
   * later: a server that was paused reads on where it stopped), or `REDIS_REFUSED` with Redis's own message.
   */
  call(command: string, ...args: (string | number)[]): Promise<unknown>
  close(): Promise<void>
}

export interface RedisOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  url: string
  logger: Logger
}

/** Returns at once, whether Redis is there or not. */
export function connectRedis({ url, logger }: RedisOptions): Redis {
  const client = new Client(url, {
    connectionName: 'revwall',
    protocol: 2,
    disableClientInfo: true,
    connectTimeout: CONNECT_WITHIN_MS,
    commandTimeout: ANSWER_WITHIN_MS,
    // A call that cannot go out now is refused: nothing is kept for later, nothing is sent twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, MAX_RETRY_PAUSE_MS),
  })
  let up = false
  let inFlight = 0
  let complaint = ''
  let unreadySinceMs = performance.now()

  const tell = (next: boolean, why = '') => {
    if (next && !up) logger.info('Redis answers')
    // Once for each kind, or a server that is down would fill the log.
    else if (!next && why !== '' && complaint !== why) logger.warn('Redis does not answer', { why })
    complaint = next ? '' : why || complaint
    if (!next && up) unreadySinceMs = performance.now()
    up = next
  }
  // Without a listener the client prints what it meets; `close` follows where it matters.
  client.on('error', (error) => tell(false, errorMessage(error)))
  client.on('close', () => tell(false))
  client.on('ready', () => tell(true))

  const look = async () => {
    if (client.status === 'ready') {
      await client.ping().then(
        () => tell(true),
        (error) => {
          tell(false, errorMessage(error))
          // What is paused or behind a cut wire does not close its connection; a new one shows whether it is back.
          if (error instanceof Error && error.name !== 'ReplyError') client.disconnect(true)
        },
      )
    } else if (performance.now() - unreadySinceMs > CONNECT_WITHIN_MS + ANSWER_WITHIN_MS) {
      // It was connected to and says nothing: the client would wait for ever.
      unreadySinceMs = performance.now()
      if (client.status === 'connect') client.disconnect(true)
    }
  }
  const looking = setInterval(() => void look(), LOOK_INTERVAL_MS)

  return {
    isUp: () => up,
    async call(command, ...args) {
      if (!up || client.status !== 'ready') throw unreachable('Redis does not answer.')
      if (inFlight >= MAX_IN_FLIGHT) throw unreachable(`${MAX_IN_FLIGHT} calls of Redis wait for its answer.`)
      inFlight += 1
      try {
        return await client.call(command, ...args)
      } catch (error) {
        throw translated(error)
      } finally {
        inFlight -= 1
      }
    },
    async close() {
      clearInterval(looking)
      client.removeAllListeners()
      client.on('error', () => {
        // Nobody waits for anything any more.
      })
      client.disconnect()
    },
  }
}

const unreachable = (message: string, cause?: unknown) =>
  new RevwallError('REDIS_UNREACHABLE', message, { cause })

function translated(error: unknown): RevwallError {
  if (error instanceof Error && error.name === 'ReplyError')
    return new RevwallError('REDIS_REFUSED', error.message, { cause: error })
  return unreachable(`No answer from Redis: ${errorMessage(error)}`, error)
}
