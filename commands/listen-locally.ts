import type { FastifyInstance } from 'fastify'
import { errorCode, RevwallError } from '../core/runtime/errors.ts'

/** Where nobody logs in, nobody but this machine may ask. */
const HOST = '127.0.0.1'

/** Resolves with the address; `setting` is what chooses another port. Throws `PORT_IN_USE`. */
export function listenLocally(app: FastifyInstance, port: number, setting: string): Promise<string> {
  return listenAt(app, { host: HOST, port, setting })
}

/** The same, at any address of this machine. Throws `NO_SUCH_ADDRESS` too. */
export async function listenAt(
  app: FastifyInstance,
  { host, port, setting }: { host: string; port: number; setting: string },
): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (cause) {
    if (errorCode(cause) === 'EADDRNOTAVAIL')
      throw new RevwallError('NO_SUCH_ADDRESS', `this machine does not have the address ${host}`, { cause })
    if (errorCode(cause) !== 'EADDRINUSE') throw cause
    throw new RevwallError(
      'PORT_IN_USE',
      `port ${port} is taken by another program; set ${setting} to another one`,
      { cause },
    )
  }
}
