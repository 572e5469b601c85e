/**
 * The edge of the browser: text to frame. The server has validated every tile with zod; here only the envelope and
 * the outer shape of each tile are looked at, by hand, because zod would be three times the size of the whole page.
 */
import type {
  HeartbeatFrame,
  ServerFrame,
  SnapshotFrame,
  UpdateFrame,
} from '../../../core/contracts/frames.ts'
import type { TileName } from '../../../core/contracts/tiles.ts'

export type { HeartbeatFrame, ServerFrame, SnapshotFrame, UpdateFrame }
/** The frames that carry state, as opposed to `goodbye`. */
export type DataFrame = SnapshotFrame | UpdateFrame | HeartbeatFrame

type Json = Record<string, unknown>

const SHAPES: Record<TileName, 'object' | 'list' | 'object or null'> = {
  tenant: 'object',
  hero: 'object',
  chart: 'object',
  pace: 'object',
  notes: 'object',
  products: 'list',
  countries: 'list',
  latest: 'list',
  sources: 'list',
  exactness: 'object',
  history: 'object or null',
  health: 'object',
}

/** Null when the text is no frame of this protocol. */
export function parseFrame(text: unknown): ServerFrame | null {
  const frame = parseJson(text)
  if (frame === null) return null
  if (frame.type === 'goodbye') return typeof frame.reason === 'string' ? (frame as ServerFrame) : null
  if (!hasHead(frame)) return null
  switch (frame.type) {
    case 'snapshot':
      return isTiles(frame.set) ? (frame as ServerFrame) : null
    case 'update':
      return isTiles(frame.set) && isSeq(frame.prev) && isTextOrNone(frame.from)
        ? (frame as ServerFrame)
        : null
    case 'heartbeat':
      return isObject(frame.watermarks) && isTextOrNone(frame.checksum) ? (frame as ServerFrame) : null
    default:
      return null
  }
}

function parseJson(text: unknown): Json | null {
  if (typeof text !== 'string') return null
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    // The caller counts it and asks for a snapshot.
    return null
  }
}

function hasHead(frame: Json): boolean {
  return (
    typeof frame.epoch === 'string' &&
    isSeq(frame.seq) &&
    isInstant(frame.eventTime) &&
    isInstant(frame.serverTime)
  )
}

function isTiles(set: unknown): boolean {
  if (!isObject(set)) return false
  return Object.entries(set).every(([name, value]) => {
    const shape = SHAPES[name as TileName]
    // A tile that this build does not know comes from a newer server; it is not shown and does no harm.
    if (shape === undefined) return true
    if (shape === 'list') return Array.isArray(value)
    return isObject(value) || (shape === 'object or null' && value === null)
  })
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isTextOrNone = (value: unknown): boolean => value === undefined || typeof value === 'string'
const isSeq = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isInstant = (value: unknown): boolean => typeof value === 'string' && !Number.isNaN(Date.parse(value))
