import { faultText, getJson, tenantQuery } from '../../access/ask-api.ts'
import { refreshWhileOpen } from '../../access/refresh-while-open.ts'
import { messages } from '../../messages.ts'

/** What the api answers to a tile, asked again and again while that is there; an old answer stays where there is no new one. */
export class Asked<Answer> {
  answer: Answer | null = $state.raw(null)
  /** Why there is no newer one; '' when there is. */
  fault = $state('')
  #path = ''

  /** In a component that starts. `path` begins with a `?` what it asks with; null: it cannot be asked yet. */
  constructor(path: () => string | null, pauseMs: number) {
    $effect(() => {
      const asked = path()
      if (asked === null) return
      this.#path = asked
      return refreshWhileOpen(() => this.#load(asked), pauseMs)
    })
  }

  async #load(path: string): Promise<void> {
    const got = await getJson<Answer>(path + tenantQuery().replace('?', '&'))
    // Something else is asked by now.
    if (path !== this.#path) return
    if (got.ok) this.answer = got.body
    this.fault = got.ok ? '' : faultText(got, messages.server.faults, messages.layout.unreachable)
  }
}
