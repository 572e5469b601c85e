import type { WallsAnswer } from '../../../core/contracts/walls.ts'
import { getJson, tenantQuery } from '../access/ask-api.ts'
import { refreshWhileOpen } from '../access/refresh-while-open.ts'

/** A screen shows what was saved elsewhere after so long. */
const REFRESH_MS = 5_000

/** The walls of the tenant, as they are now. */
export class Walls {
  /** Another one only where something changed: what is drawn stays. */
  answer: WallsAnswer | null = $state.raw(null)
  /** It was asked for, answered or not: there is no more to wait for. */
  isAsked = $state(false)

  /** Null: there is no such wall yet. */
  versionOf(name: string): string | null {
    return this.answer?.walls.find((wall) => wall.name === name)?.version ?? null
  }

  follow(): () => void {
    return refreshWhileOpen(() => this.load(), REFRESH_MS)
  }

  async load(): Promise<void> {
    const got = await getJson<WallsAnswer>(`/api/v1/walls${tenantQuery()}`)
    if (got.ok && JSON.stringify(got.body) !== JSON.stringify(this.answer)) this.answer = got.body
    this.isAsked = true
  }
}
