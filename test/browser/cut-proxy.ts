/** A wire between browser and server that a test can cut, or hold without closing it, as a dead router does. */
import { connect, createServer, type Socket } from 'node:net'

export interface CutProxy {
  url: string
  /** Ends every connection now; new ones are let through. */
  cut(): number
  /** Ends every connection, and new ones at once, until `mend`. */
  break(): void
  mend(): void
  /** Nothing passes and nothing is closed, new connections included, until `thaw`. */
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

export async function openCutProxy(target: string): Promise<CutProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let frozen = false
  let broken = false

  const server = createServer((near) => {
    if (broken) return void near.destroy()
    const far = connect(Number(port), hostname)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.pipe(other)
      // A cut is what this is for; the other side ends with it.
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      if (frozen) socket.pause()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as { port: number }

  function cut(): number {
    const count = sockets.size
    for (const socket of sockets) socket.destroy()
    return count
  }

  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    break() {
      broken = true
      cut()
    },
    mend() {
      broken = false
    },
    freeze() {
      frozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw() {
      frozen = false
      for (const socket of sockets) socket.resume()
    },
    close: () =>
      new Promise((resolve) => {
        cut()
        server.close(() => resolve())
      }),
  }
}
