/**
 * The incidents that are open, and what became of them since they were told last. Only what changes one is kept; whatever is
 * repeated changes none.
 */
import { createHash } from 'node:crypto'
import type { Contributor, Trigger } from './group-alarms.ts'
import { type Incident, type IncidentEvent, type Notice, stepIncident } from './incident.ts'

/** In what the last trigger was seen. */
export interface Sighting {
  window: { fromMs: number; toMs: number }
  /** The tenant's now. */
  nowMs: number
  currency: string
  model: string
}

export interface Kept {
  tenant: string
  alertId: string
  /** Number of its last change. */
  revision: number
  incident: Incident
  sighting: Sighting
}

export interface IncidentChange {
  kept: Kept
  /** Null: it only goes on. */
  notice: Notice
  /** Of what changed it; with the notice it names what is told. */
  atMs: number
}

/** The first contributor stays it, until another one's change is so many times as large: else two alike take turns. */
const OVERTAKES = 1.5

export class IncidentBook {
  /** By group: of one group one is open at a time. */
  readonly #open = new Map<string, Kept>()
  #changes: IncidentChange[] = []

  constructor(open: Iterable<Kept> = []) {
    for (const kept of open) this.adopt(kept)
  }

  /** Found elsewhere: it changes here from now on. */
  adopt(kept: Kept): void {
    this.#open.set(kept.incident.group, kept)
  }

  of(tenant: string): Kept[] {
    return [...this.#open.values()].filter((kept) => kept.tenant === tenant)
  }

  /** Of metrics and sources: an order's is nobody's to resolve. */
  openBySeverity(): Record<Trigger['severity'], number> {
    const counts = { info: 0, warning: 0, critical: 0 }
    for (const { incident } of this.#open.values())
      if (incident.latest.kind !== 'order') counts[incident.latest.severity] += 1
    return counts
  }

  find(tenant: string, alertId: string): Kept | undefined {
    return this.of(tenant).find((kept) => kept.alertId === alertId)
  }

  trigger(trigger: Trigger, atMs: number, sighting: Sighting): void {
    const former = this.#open.get(trigger.group)
    const steady = former === undefined ? trigger : withSteadyTop(trigger, former.incident.latest)
    const { incident, notice } = stepIncident(former?.incident ?? null, {
      type: 'trigger',
      atMs,
      trigger: steady,
    })
    if (incident === null || isSame(incident, former?.incident)) return
    const alertId = former?.alertId ?? alertIdOf(incident.dedupKey)
    this.#note(
      { tenant: trigger.tenant, alertId, revision: former?.revision ?? 0, incident, sighting },
      notice,
      atMs,
    )
  }

  step(kept: Kept, event: IncidentEvent): void {
    const { incident, notice } = stepIncident(kept.incident, event)
    if (incident === null || isSame(incident, kept.incident)) return
    // Of the end of a silence, whenever it was seen.
    const atMs = event.type === 'tick' ? (kept.incident.silence?.untilMs ?? event.atMs) : event.atMs
    this.#note({ ...kept, incident }, notice, atMs)
  }

  get hasNews(): boolean {
    return this.#changes.length > 0
  }

  /** What changed since it was asked last; an order's is not kept any more, unless its silence is to end. */
  take(): IncidentChange[] {
    const changes = this.#changes
    this.#changes = []
    for (const [group, { incident }] of this.#open)
      if (incident.latest.kind === 'order' && incident.silence === null) this.#open.delete(group)
    return changes
  }

  #note(kept: Kept, notice: Notice, atMs: number): void {
    const next = { ...kept, revision: kept.revision + 1 }
    if (next.incident.state === 'resolved') this.#open.delete(next.incident.group)
    else this.#open.set(next.incident.group, next)
    this.#changes.push({ kept: next, notice, atMs })
  }
}

/** The same in every run that sees the same. */
export function alertIdOf(dedupKey: string): string {
  return createHash('sha256').update(dedupKey).digest('hex').slice(0, 32)
}

function isSame(a: Incident, b: Incident | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function withSteadyTop(trigger: Trigger, { contributors: [former] }: Trigger): Trigger {
  const [first] = trigger.contributors
  const again = trigger.contributors.find((one) => former !== undefined && isOne(one, former))
  if (first === undefined || again === undefined || again === first) return trigger
  if (Math.abs(first.change) > OVERTAKES * Math.abs(again.change)) return trigger
  return { ...trigger, contributors: [again, ...trigger.contributors.filter((one) => one !== again)] }
}

const isOne = (a: Contributor, b: Contributor) => a.dimension === b.dimension && a.member === b.member
