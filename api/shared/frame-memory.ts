/**
 * What a view sent lately, as other processes of the api need it: a wall that comes to another process than before gets what
 * differs and no snapshot. Kept in Redis for a minute is which tiles stood in a frame, as digests; the values are in the
 * views of every process, since all read the same ClickHouse.
 */
import { createHash } from 'node:crypto'
import type { Resume } from '../../core/contracts/frames.ts'
import type { Axis, TileName } from '../../core/contracts/tiles.ts'
import type { Redis } from '../../core/redis/connect-redis.ts'
import type { Elsewhere } from '../live/live-client.ts'
import { RING_MS } from '../live/resume-ring.ts'
import type { ViewState } from '../live/view-state.ts'

/** A wall waits so long for what Redis knows of its frame, then it gets a snapshot. */
export const RECALL_WITHIN_MS = 200

export interface FrameMemory {
  /** The newest frame. Returns at once; where Redis does not take it, walls that move from it get a snapshot. */
  remember(state: ViewState): void
  /** The frame of another process; undefined when nobody knows it, or not in time. Undefined at once while Redis is down. */
  recall(resume: Resume): Promise<Elsewhere | undefined> | undefined
  /** Tiles of `state` that are not as they stood in that frame; undefined where one of that frame is missing here. */
  differing(state: ViewState, frame: Elsewhere): TileName[] | undefined
}

export function createFrameMemory(redis: Redis, view: { tenant: string; axis: Axis }): FrameMemory {
  const digests = new Map<TileName, { json: string; digest: string }>()
  const keyOf = (epoch: string, seq: number) => `revwall:frame:${view.tenant}:${view.axis}:${epoch}:${seq}`

  function digestOf(name: TileName, json: string): string {
    const known = digests.get(name)
    if (known?.json === json) return known.digest
    const digest = createHash('sha1').update(json).digest('base64')
    digests.set(name, { json, digest })
    return digest
  }

  return {
    remember({ epoch, seq, json }) {
      if (!redis.isUp()) return
      const tiles = Object.fromEntries([...json].map(([name, text]) => [name, digestOf(name, text)]))
      redis.call('SET', keyOf(epoch, seq), JSON.stringify(tiles), 'PX', RING_MS).catch(() => {
        // Then nobody knows this frame, which costs a snapshot.
      })
    },
    recall({ epoch, seq }) {
      if (!redis.isUp()) return undefined
      const reading = redis
        .call('GET', keyOf(epoch, seq))
        .then((found) => (typeof found === 'string' ? { epoch, seq, digests: digestsOf(found) } : undefined))
        // Whatever stands there or not: a snapshot is always right.
        .catch(() => undefined)
      return withinTime(reading, RECALL_WITHIN_MS)
    },
    differing({ json }, frame) {
      for (const name of frame.digests.keys()) if (!json.has(name as TileName)) return undefined
      return [...json]
        .filter(([name, text]) => frame.digests.get(name) !== digestOf(name, text))
        .map(([name]) => name)
        .sort()
    },
  }
}

const digestsOf = (found: string) => new Map(Object.entries(JSON.parse(found) as Record<string, string>))

async function withinTime<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  const answer = await Promise.race([work, late])
  clearTimeout(timer)
  return answer
}
