import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { RevwallError } from '../../core/runtime/errors.ts'
import { probe } from './http-probe.ts'
import { keepFunctions } from './keep-functions.ts'
import { lastLines } from './last-lines.ts'
import { SHADOW_PROBE, shadowFile } from './shadow-file.ts'
import { type ServerProcess, spawnServer } from './spawn-server.ts'
import { configXml, functionsFolder, logFile, type ServerConfig, storeFolder } from './write-config.ts'
import { type Access, usersXml } from './write-users.ts'

export interface LaunchOptions extends Omit<ServerConfig, 'usersFile' | 'users'> {
  library: string
  access: Access
  startTimeoutMs: number
}

/** A server that has answered a query. */
export interface Life {
  lifeId: string
  process: ServerProcess
  /** What the process printed; it says there why it ends. */
  outputFile: string
}

/**
 * Starts the server once. Each launch has a folder of its own for its configuration, so that a second launch on the same
 * data, which ClickHouse will refuse, does not overwrite the files of the first.
 */
export async function launchServer(options: LaunchOptions, signal?: AbortSignal): Promise<Life> {
  const lifeId = randomUUID()
  const configFile = writeRunFolder(options, join(options.folder, `run-${lifeId}`))
  const outputFile = join(options.folder, `run-${lifeId}`, 'output.log')
  const process = spawnServer({
    ...{ library: options.library, configFile, outputFile },
    listensTcp: options.shards !== undefined,
  })
  const life = { lifeId, process, outputFile }
  try {
    await waitUntilReady(life, options, signal)
  } catch (error) {
    process.kill()
    await process.exited
    removeRunFolders(options.folder, (name) => name === `run-${lifeId}`)
    throw error
  }
  // Only now is it certain that the data is ours and the other folders are remains.
  removeRunFolders(options.folder, (name) => name !== `run-${lifeId}`)
  return life
}

const POLL_MS = 10
const PROBE_TIMEOUT_MS = 2_000

async function waitUntilReady(life: Life, options: LaunchOptions, signal?: AbortSignal): Promise<void> {
  const deadline = performance.now() + options.startTimeoutMs
  // As the program's user and not /ping: another program on this port would answer a ping too.
  const login = { url: `http://127.0.0.1:${options.port}`, ...options.access.program }
  const ask = () => probe(login, SHADOW_PROBE.sql, PROBE_TIMEOUT_MS)
  let answer = await ask()
  while (answer === undefined) {
    if (!life.process.isAlive()) throw whyNot(life, options, await life.process.exited)
    if (signal?.aborted) throw new RevwallError('ENGINE_STOPPED', 'The engine was stopped while it started.')
    if (performance.now() > deadline) throw whyNot(life, options, `silent for ${options.startTimeoutMs} ms`)
    await delay(POLL_MS)
    answer = await ask()
  }
  // The one that answered must be this process: with the passwords kept, an older engine would answer as well.
  if (!life.process.isAlive()) throw whyNot(life, options, await life.process.exited)
  if (answer !== SHADOW_PROBE.answer) throw whyNot(life, options, 'its function file() is not switched off')
}

function whyNot(life: Life, { folder }: LaunchOptions, reason: string): RevwallError {
  const output = lastLines(life.outputFile, 10)
  if (output.includes('Cannot lock file'))
    return new RevwallError(
      'ENGINE_LOCKED',
      `${folder} is in use by another ClickHouse. Stop the other revwall, or choose another data folder.`,
    )
  if (output.includes('Address already in use'))
    return new RevwallError('ENGINE_PORT_TAKEN', `The port of ClickHouse was taken by another program.`)
  const log = lastLines(logFile(folder), 10)
  return new RevwallError(
    'ENGINE_START_FAILED',
    `ClickHouse did not start (${reason}).\n${output}\n${logFile(folder)} ends with:\n${log}`,
  )
}

function writeRunFolder(options: LaunchOptions, runFolder: string): string {
  const { access } = options
  const usersFile = join(runFolder, 'users.xml')
  const configFile = join(runFolder, 'config.xml')
  const users = [access.program, ...access.analysts]
  // Both texts first: a bad name is refused here, before there is anything on the disk.
  const [usersText, configText] = [usersXml(access), configXml({ ...options, usersFile, users })]
  mkdirSync(runFolder, { recursive: true, mode: 0o700 })
  const functions = functionsFolder(options.folder)
  keepFunctions(storeFolder(options.folder), functions)
  shadowFile(functions)
  mkdirSync(join(options.folder, 'user-files'), { recursive: true, mode: 0o700 })
  writeFileSync(usersFile, usersText, { mode: 0o600 })
  writeFileSync(configFile, configText, { mode: 0o600 })
  return configFile
}

function removeRunFolders(folder: string, which: (name: string) => boolean): void {
  for (const name of readdirSync(folder).filter((name) => name.startsWith('run-') && which(name)))
    rmSync(join(folder, name), { recursive: true, force: true })
}
