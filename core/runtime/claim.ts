/**
 * What only one of several processes may do at a time: host the engine, play the replay. Each turn is a file with the
 * next number, made whole in one step; whoever made the highest one has the claim for as long as it lives. Nothing is
 * ever taken away from a number that another may hold: so two that find a dead owner cannot both follow it.
 */
import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from './errors.ts'
import { isAlive, type ProcessId, thisProcess } from './live-process.ts'

export interface Claim {
  /** What others are to know: an address. */
  tell(told: Record<string, string>): void
  release(): void
}

export interface ClaimOwner extends ProcessId {
  told: Record<string, string>
}

/** Undefined where somebody who is alive has it. */
export function takeClaim(folder: string, name: string): Claim | undefined {
  const claims = join(folder, 'claims')
  mkdirSync(claims, { recursive: true, mode: 0o700 })
  const top = highest(claims, name)
  if (top > 0 && isHeld(read(pathOf(claims, name, top)))) return undefined
  const turn = top + 1
  const path = pathOf(claims, name, turn)
  const mine: ClaimOwner = { ...thisProcess(), told: {} }
  if (!make(path, mine)) return undefined
  // Another may have been two turns ahead and tidied up between our look and our turn.
  if (highest(claims, name) !== turn) {
    rmSync(path, { force: true })
    return undefined
  }
  tidy(claims, name, turn)
  return {
    tell: (told) => replace(path, { ...mine, told }),
    // The number stays, for the next turn must have a higher one.
    release: () => replace(path, { pid: 0, began: '', told: {} }),
  }
}

/** Who has it now. */
export function claimOwner(folder: string, name: string): ClaimOwner | undefined {
  const claims = join(folder, 'claims')
  const top = highest(claims, name)
  const owner = top === 0 ? undefined : read(pathOf(claims, name, top))
  return isHeld(owner) ? owner : undefined
}

function isHeld(owner: ClaimOwner | undefined): owner is ClaimOwner {
  return owner !== undefined && isAlive(owner)
}

const pathOf = (claims: string, name: string, turn: number) => join(claims, `${name}.${turn}`)

function highest(claims: string, name: string): number {
  return Math.max(0, ...turnsOf(claims, name))
}

function turnsOf(claims: string, name: string): number[] {
  return namesIn(claims).flatMap((file) => {
    const [, turn] = file.startsWith(`${name}.`) ? (/\.(\d+)$/.exec(file) ?? []) : []
    return turn === undefined ? [] : [Number(turn)]
  })
}

function namesIn(claims: string): string[] {
  try {
    return readdirSync(claims)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

function tidy(claims: string, name: string, turn: number): void {
  for (const former of turnsOf(claims, name))
    if (former < turn) rmSync(pathOf(claims, name, former), { force: true })
}

function read(path: string): ClaimOwner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ClaimOwner
  } catch (error) {
    // Tidied up by the next turn.
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Linked whole: nobody sees half of it, and of two that make the same number one fails. */
function make(path: string, owner: ClaimOwner): boolean {
  const draft = drafted(path, owner)
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function replace(path: string, owner: ClaimOwner): void {
  renameSync(drafted(path, owner), path)
}

function drafted(path: string, owner: ClaimOwner): string {
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, JSON.stringify(owner), { mode: 0o600 })
  return draft
}
