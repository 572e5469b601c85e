/** The sources that a batch meets, found by the bytes of their names: their zone, their last word, the days they touch. */
import type { CompactScan } from '../../core/contracts/compact/scan-order.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { Progress } from './batch.ts'
import { LocalClock } from './local-clock.ts'

export interface BatchSource {
  tenant: string
  source: string
  clock: LocalClock
  progress: Progress
}

const decoder = new TextDecoder()
/** How many names are remembered by their bytes; more are looked up by their texts. */
const MAX_REMEMBERED = 64

export class BatchSources {
  readonly #tenants: ReadonlyMap<string, TenantConfig>
  readonly #clocks = new Map<string, LocalClock>()
  readonly #byName = new Map<string, BatchSource>()
  #byBytes: { bytes: Uint8Array; source: BatchSource }[] = []
  #lastDay = Number.NaN
  #lastTenant = ''
  readonly touched = new Map<string, Set<number>>()

  constructor(tenants: ReadonlyMap<string, TenantConfig>, progress: Iterable<Progress>) {
    this.#tenants = tenants
    for (const one of progress) this.#add(one)
  }

  progress(): Map<string, Progress> {
    const told = [...this.#byName].map(([name, { progress }]): [string, Progress] => [name, progress])
    return new Map(told.filter(([, { json, factAt }]) => json !== '' || factAt !== 0))
  }

  /** The source of a scanned record; undefined where its tenant is not configured. */
  ofScan(scan: CompactScan): BatchSource | undefined {
    const { bytes, keyStart } = scan
    const end = scan.source.end
    for (let i = 0; i < this.#byBytes.length; i++) {
      const known = this.#byBytes[i]!
      if (!isSame(known.bytes, bytes, keyStart, end)) continue
      // The last one met stands first.
      if (i > 0) [this.#byBytes[0], this.#byBytes[i]] = [known, this.#byBytes[0]!]
      return known.source
    }
    const text = (at: { start: number; end: number }) => decoder.decode(bytes.subarray(at.start, at.end))
    const source = this.of(text(scan.tenant), text(scan.source))
    if (source === undefined || !IS_NAME.test(source.source)) return undefined
    if (this.#byBytes.length < MAX_REMEMBERED)
      this.#byBytes.push({ bytes: bytes.slice(keyStart, end), source })
    return source
  }

  of(tenant: string, source: string): BatchSource | undefined {
    const known = this.#byName.get(`${tenant}/${source}`)
    if (known !== undefined) return this.#tenants.has(tenant) ? known : undefined
    if (!this.#tenants.has(tenant)) return undefined
    return this.#add({ tenant, source, json: '', factAt: 0 })
  }

  touch(tenant: string, day: number): void {
    if (day === this.#lastDay && tenant === this.#lastTenant) return
    const days = this.touched.get(tenant) ?? new Set<number>()
    this.touched.set(tenant, days)
    days.add(day)
    this.#lastDay = day
    this.#lastTenant = tenant
  }

  /** What is no source's word, and is carried on like one. */
  note(progress: Progress): void {
    this.#add(progress)
  }

  #add(progress: Progress): BatchSource {
    const { tenant, source } = progress
    const zone = this.#tenants.get(tenant)?.timeZone ?? 'UTC'
    const clock = this.#clocks.get(zone) ?? new LocalClock(zone)
    this.#clocks.set(zone, clock)
    const added = { tenant, source, clock, progress: { ...progress } }
    this.#byName.set(`${tenant}/${source}`, added)
    return added
  }
}

/** As core/contracts/fields.ts has it: a compact record's names are judged here, once for each. */
const IS_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false
  return true
}
