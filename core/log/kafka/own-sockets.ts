/**
 * Sockets that are known, so that none is left when a client is closed: two requests that find a connection of kafkajs
 * closed both open it, and it forgets the first of their sockets, which would keep the process from ending.
 */
import type { Socket } from 'node:net'
import type { ISocketFactory } from 'kafkajs'
import socketFactory from 'kafkajs/src/network/socketFactory.js'

export interface OwnSockets {
  factory: ISocketFactory
  destroyAll(): void
}

export function createOwnSockets(): OwnSockets {
  const open = new Set<Socket>()
  const create = socketFactory()
  return {
    factory: (options) => {
      const socket = create(options)
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      return socket
    },
    destroyAll: () => {
      for (const socket of open) socket.destroy()
    },
  }
}
