/** Frames as text, put together from the tiles' JSON so that nothing is encoded twice. */
import type { HeartbeatFrame } from '../../core/contracts/frames.ts'
import type { TileName } from '../../core/contracts/tiles.ts'
import type { ViewState } from './view-state.ts'

export function snapshotText(state: ViewState, serverMs: number): string {
  return `{"type":"snapshot",${headText(state, serverMs)},"set":${setText(state, state.json.keys())}}`
}

/** The tiles that differ since the frame `prev`, which another process sent where `from` has its epoch. */
export function updateText(
  state: ViewState,
  update: { prev: number; from?: string; names: Iterable<TileName>; serverMs: number },
): string {
  const { prev, from, names, serverMs } = update
  const follows = JSON.stringify({ prev, from }).slice(1, -1)
  return `{"type":"update",${headText(state, serverMs)},${follows},"set":${setText(state, names)}}`
}

export function heartbeatText(
  state: ViewState,
  { watermarks, checksum }: Pick<HeartbeatFrame, 'watermarks' | 'checksum'>,
  serverMs: number,
): string {
  const told = JSON.stringify({ watermarks, checksum })
  return `{"type":"heartbeat",${headText(state, serverMs)},${told.slice(1)}`
}

/** The text as an unmasked, unfragmented frame of RFC 6455, as a server writes it. */
export function textFrame(text: string): Buffer {
  const size = Buffer.byteLength(text)
  const headSize = size < 126 ? 2 : size < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafeSlow(headSize + size)
  frame[0] = 0x81
  frame[1] = headSize === 2 ? size : headSize === 4 ? 126 : 127
  if (headSize === 4) frame.writeUInt16BE(size, 2)
  else if (headSize === 10) frame.writeBigUInt64BE(BigInt(size), 2)
  frame.write(text, headSize)
  return frame
}

export function goodbyeText(reason: string): string {
  return JSON.stringify({ type: 'goodbye', reason })
}

function headText({ epoch, seq, eventTime }: ViewState, serverMs: number): string {
  const serverTime = new Date(serverMs).toISOString()
  return JSON.stringify({ epoch, seq, eventTime, serverTime }).slice(1, -1)
}

function setText(state: ViewState, names: Iterable<TileName>): string {
  const tiles: string[] = []
  for (const name of names) {
    const json = state.json.get(name)
    if (json !== undefined) tiles.push(`${JSON.stringify(name)}:${json}`)
  }
  return `{${tiles.join(',')}}`
}
