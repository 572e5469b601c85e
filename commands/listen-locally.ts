import type { FastifyInstance } from 'fastify'
import { errorCode, RevwallError } from '../core/runtime/errors.ts'

/** Until logins come nobody but this machine may ask. */
const HOST = '127.0.0.1'

/** Resolves with the address; `setting` is what chooses another port. Throws `PORT_IN_USE`. */
export async function listenLocally(app: FastifyInstance, port: number, setting: string): Promise<string> {
  try {
    return await app.listen({ host: HOST, port })
  } catch (cause) {
    if (errorCode(cause) !== 'EADDRINUSE') throw cause
    throw new RevwallError(
      'PORT_IN_USE',
      `port ${port} is taken by another program; set ${setting} to another one`,
      { cause },
    )
  }
}
