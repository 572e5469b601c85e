import type { Clock } from '../../core/runtime/clock.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { markCleanStop, type PreviousStop } from './clean-stop.ts'
import { type Login, probe } from './http-probe.ts'
import { type LaunchOptions, type Life, launchServer } from './launch-server.ts'
import type { Engine, EngineEvents } from './start-engine.ts'
import { supervise } from './supervise.ts'
import { watchDisk } from './watch-disk.ts'

export interface RunOptions {
  life: Life
  launch: LaunchOptions
  before: PreviousStop
  clock: Clock
  logger: Logger
  stopTimeoutMs: number
}

/** The engine around a server that is up: its events, its supervision and its end. */
export function runEngine(options: RunOptions): Engine {
  const { launch, logger, clock } = options
  const login = { url: `http://127.0.0.1:${launch.port}`, ...launch.access.program }
  const ending = new AbortController()
  const listeners = emptyListeners()
  let { life } = options
  const supervision = supervise({
    first: life,
    launch: (signal) => launchServer(launch, signal),
    signal: ending.signal,
    clock,
    logger,
    onDown: (reason) => {
      for (const listener of listeners.down) listener(reason)
    },
    onUp: (next) => {
      life = next
      if (ending.signal.aborted) return
      logger.info('clickhouse is up again', { pid: next.process.pid })
      for (const listener of listeners.up) listener(next.lifeId)
    },
    onGiveUp: (error) => {
      logger.error(error.message, { code: error.code })
      for (const listener of listeners.gaveUp) listener(error)
    },
  })
  const watching = watchDisk({
    ...{ folder: launch.folder, clock, logger, signal: ending.signal },
    restart: () => life.process.kill(),
  })
  const end = async () => {
    ending.abort()
    await watching
    const before = life
    let clean = await endServer(before, login, options)
    await supervision
    // It ended unasked just before, and the next one was up before that start was called off.
    if (life !== before) clean = await endServer(life, login, options)
    if (clean) markCleanStop(launch.folder)
    logger.info('clickhouse is down', { clean })
  }
  let ended: Promise<void> | undefined
  return {
    ...login,
    analysts: launch.access.analysts,
    previousStop: options.before,
    get lifeId() {
      return life.lifeId
    },
    get pid() {
      return life.process.pid
    },
    on: (event, listener) => {
      listeners[event].add(listener)
      return () => void listeners[event].delete(listener)
    },
    stop: () => {
      ended ??= end()
      return ended
    },
    kill: () => life.process.kill(),
  }
}

type Listeners = { [Event in keyof EngineEvents]: Set<EngineEvents[Event]> }

const emptyListeners = (): Listeners => ({ down: new Set(), up: new Set(), gaveUp: new Set() })

/**
 * Ending the sleeping query ends the local session, and ClickHouse then shuts its tables and disks down in order;
 * SIGTERM and SYSTEM SHUTDOWN both just kill it here. Resolves with whether it went by itself.
 */
async function endServer(life: Life, login: Login, options: RunOptions): Promise<boolean> {
  if (!life.process.isAlive()) return false
  const wait = new AbortController()
  await probe(login, "KILL QUERY WHERE query LIKE 'SELECT sleepEachRow%' AND user = '' ASYNC", 1_000)
  await Promise.race([life.process.exited, options.clock.sleep(options.stopTimeoutMs, wait.signal)])
  wait.abort()
  if (!life.process.isAlive()) return true
  options.logger.warn('clickhouse did not end in time and is killed', { pid: life.process.pid })
  life.process.kill()
  await life.process.exited
  return false
}
