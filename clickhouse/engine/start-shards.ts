/** Several embedded servers as one engine: each with a folder of its own, all of them reading each other. */
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { errorCode } from '../../core/runtime/errors.ts'
import type { PreviousStop } from './clean-stop.ts'
import { freePort } from './free-port.ts'
import { type Engine, type EngineEvents, type EngineOptions, startEngine } from './start-engine.ts'

export interface ShardsOptions extends Omit<EngineOptions, 'folder' | 'shards' | 'port'> {
  /** By shard. The first one has the passwords of all. */
  folders: readonly string[]
}

const MAX_TRIES = 3

/** As `startEngine`; `up` is told when all of them answer again, `down` and `gaveUp` of each. */
export async function startShards(options: ShardsOptions): Promise<Engine> {
  for (let attempt = 1; ; attempt++) {
    try {
      return asOne(await startAll(options))
    } catch (error) {
      // A port that was free may be taken before a server has it.
      if (errorCode(error) !== 'ENGINE_PORT_TAKEN' || attempt === MAX_TRIES) throw error
    }
  }
}

async function startAll({ folders, ...options }: ShardsOptions): Promise<Engine[]> {
  const tcpPorts = await Promise.all(folders.map(() => freePort()))
  const password = randomBytes(24).toString('hex')
  const passwordsFolder = resolve(folders[0]!)
  const engines: Engine[] = []
  try {
    // One after the other: the passwords are made by the first.
    for (const [index, folder] of folders.entries())
      engines.push(
        await startEngine({ ...options, folder, shards: { index, tcpPorts, password, passwordsFolder } }),
      )
    return engines
  } catch (error) {
    await Promise.all(engines.map((engine) => engine.stop()))
    throw error
  }
}

function asOne(shards: readonly Engine[]): Engine {
  const [first] = shards as [Engine, ...Engine[]]
  const down = new Set<Engine>()
  const listeners: { [Event in keyof EngineEvents]: Set<EngineEvents[Event]> } = {
    down: new Set(),
    up: new Set(),
    gaveUp: new Set(),
  }
  const lifeId = () => shards.map((shard) => shard.lifeId).join(' ')
  for (const [index, shard] of shards.entries()) {
    shard.on('down', (reason) => {
      down.add(shard)
      for (const listener of listeners.down) listener(`shard ${index}: ${reason}`)
    })
    shard.on('up', () => {
      down.delete(shard)
      if (down.size === 0) for (const listener of listeners.up) listener(lifeId())
    })
    shard.on('gaveUp', (error) => {
      for (const listener of listeners.gaveUp) listener(error)
    })
  }
  return {
    url: shards.map(({ url }) => url).join(','),
    user: first.user,
    password: first.password,
    analysts: first.analysts,
    pid: first.pid,
    previousStop: worst(shards.map(({ previousStop }) => previousStop)),
    shards,
    get lifeId() {
      return lifeId()
    },
    on: (event, listener) => {
      listeners[event].add(listener)
      return () => void listeners[event].delete(listener)
    },
    stop: async () => void (await Promise.all(shards.map((shard) => shard.stop()))),
    kill: () => {
      for (const shard of shards) shard.kill()
    },
  }
}

function worst(stops: readonly PreviousStop[]): PreviousStop {
  return stops.find((stop) => stop === 'unclean') ?? stops.find((stop) => stop === 'none') ?? 'clean'
}
