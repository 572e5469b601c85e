/** Who looks at the page, and whether he still may: asked at the start, and whenever the live connection is lost. */
import type { Me } from '../../../core/contracts/access.ts'
import { getJson, postJson, tenantQuery } from './ask-api.ts'

export class Visitor {
  /** Null before the answer, and where the server has none. */
  me: Me | null = $state.raw(null)

  /** The page is on its way elsewhere; an answer that comes now leads nowhere. */
  #leaving = false

  constructor() {
    void this.check()
  }

  /** A TV or a link has the wall and nothing to press. */
  get hasControls(): boolean {
    return this.me?.kind !== 'screen' && this.me?.kind !== 'share'
  }

  /** Whether it may do something about what it sees. */
  get mayAct(): boolean {
    return this.me?.role === 'operator' || this.me?.role === 'admin'
  }

  /** Goes to the door when nobody is let in any more: a TV to its code, others to the login. */
  async check(): Promise<void> {
    const answer = await getJson<Me>(`/api/v1/me${tenantQuery()}`)
    if (answer.ok) this.me = answer.body
    else if (answer.status === 401) this.#leave(this.me?.kind === 'screen' ? '/tv' : signInPath())
  }

  #leave(path: string): void {
    if (this.#leaving) return
    this.#leaving = true
    location.replace(path)
  }

  async logOut(): Promise<void> {
    this.#leaving = true
    const answer = await postJson(`/api/v1/logout${tenantQuery()}`, {})
    this.#leaving = false
    // Whoever is not known any more is logged out as well.
    if (answer.ok || answer.status === 401) this.#leave('/login')
  }
}

function signInPath(): string {
  const here = location.pathname + location.search
  return here === '/' ? '/login' : `/login?next=${encodeURIComponent(here)}`
}
