/** A browser's side of the live protocol for tests: checks the chain of frames and keeps the newest tiles. */
import WebSocket from 'ws'
import { type Resume, type ServerFrame, serverFrame } from '../../core/contracts/frames.ts'
import { LIVE_PATH } from '../../core/contracts/live-path.ts'
import type { Axis, Tiles } from '../../core/contracts/tiles.ts'

export interface TestWall {
  socket: WebSocket
  frames: ServerFrame[]
  tiles: Partial<Tiles>
  closed: Promise<{ code: number; reason: string }>
  send(message: unknown): void
  /** Resolves as soon as it holds. */
  until(holds: (wall: TestWall) => boolean, withinMs?: number): Promise<void>
  close(): Promise<void>
}

export interface WallOptions {
  tenant?: string
  axis?: Axis
  headers?: Record<string, string>
  /** The state of a wall before, to go on from. */
  resume?: Pick<TestWall, 'frames' | 'tiles'>
  /** False: says nothing by itself. */
  watch?: boolean
}

export async function openWall(url: string, options: WallOptions = {}): Promise<TestWall> {
  const { tenant, axis = 'booked', headers = {}, resume, watch = true } = options
  const query = tenant === undefined ? '' : `?tenant=${tenant}`
  const socket = new WebSocket(`${url.replace('http', 'ws')}${LIVE_PATH}${query}`, { headers })
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
  })
  const wall: TestWall = {
    socket,
    frames: [...(resume?.frames ?? [])],
    tiles: { ...resume?.tiles },
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    until: (holds, withinMs = 5_000) => until(wall, holds, withinMs),
    async close() {
      socket.close()
      await closed
    },
  }
  socket.on('message', (data) => take(wall, serverFrame.parse(JSON.parse(String(data)))))
  await new Promise<void>((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('error', reject)
  })
  if (watch) wall.send({ type: 'watch', axis, resume: resumeOf(wall) })
  return wall
}

/** What a wall tells of the state that it holds; undefined when it has none. */
export function resumeOf({ frames }: Pick<TestWall, 'frames'>): Resume | undefined {
  const last = frames.findLast((frame) => frame.type === 'snapshot' || frame.type === 'update')
  return last && { epoch: last.epoch, seq: last.seq, elsewhere: true }
}

function take(wall: TestWall, frame: ServerFrame): void {
  if (frame.type === 'snapshot') wall.tiles = frame.set
  if (frame.type === 'update') {
    const before = wall.frames.findLast((known) => known.type === 'snapshot' || known.type === 'update')
    if (
      before === undefined ||
      !('seq' in before) ||
      before.seq !== frame.prev ||
      before.epoch !== (frame.from ?? frame.epoch)
    )
      throw new Error(`a gap: ${JSON.stringify(before)?.slice(0, 100)} then ${frame.prev}`)
    wall.tiles = { ...wall.tiles, ...frame.set }
  }
  wall.frames.push(frame)
}

async function until(wall: TestWall, holds: (wall: TestWall) => boolean, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs
  while (!holds(wall)) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
