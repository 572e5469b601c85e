/** The real clock, timers and websocket for `connectLive`. */
import { LIVE_PATH } from '../../../core/contracts/live-path.ts'
import { tenantQuery } from '../access/ask-api.ts'
import type { LivePorts, LiveSocket, SocketHandlers } from './live-connection.ts'

export const browserPorts: LivePorts = {
  openSocket,
  nowMs: () => performance.now(),
  random: Math.random,
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  every(ms, run) {
    const timer = setInterval(run, ms)
    return () => clearInterval(timer)
  },
}

function openSocket(handlers: SocketHandlers): LiveSocket {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(`${scheme}//${location.host}${LIVE_PATH}${tenantQuery()}`)
  socket.addEventListener('open', handlers.onOpen)
  socket.addEventListener('message', (event) => handlers.onMessage(event.data))
  // An `error` is always followed by `close`; one of them is enough.
  socket.addEventListener('close', handlers.onClose)
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    close: () => socket.close(),
  }
}
