import type { RawData, WebSocket, WebSocketServer } from 'ws'

/** What happens to websockets, by `ws`'s names of events; `this` is the one that it happens to. */
export interface SocketEvents {
  message(this: WebSocket, data: RawData, isBinary: boolean): void
  ping(this: WebSocket): void
  pong(this: WebSocket): void
  error(this: WebSocket, error: Error): void
  close(this: WebSocket): void
}

/**
 * From now on the sockets that this server makes tell these what happens, without a listener on each: five on each of ten
 * thousand are kept in ten thousand tables.
 */
export function tellEvents({ options }: WebSocketServer, events: SocketEvents): void {
  const told: Readonly<Record<string | symbol, ((this: WebSocket, ...args: never[]) => void) | undefined>> = {
    ...events,
  }
  const { WebSocket: Plain } = options
  if (Plain === undefined) throw new Error('a server of ws names the class of its sockets')
  options.WebSocket = class extends Plain {
    override emit(event: string | symbol, ...args: unknown[]): boolean {
      const own = Object.hasOwn(told, event) ? told[event] : undefined
      own?.apply(this, args as never[])
      // An error that nobody listens to would be thrown.
      return event === 'error' && own !== undefined ? true : super.emit(event, ...args) || own !== undefined
    }
  }
}
