/**
 * The life of an incident, as a pure machine: whoever keeps incidents gives it the one it has and what happened, and
 * gets the one it should keep and what to tell. Whatever is repeated changes nothing and tells nothing, so events may
 * come twice, as they do from a log.
 *
 *     (none) ─trigger→ open ─acknowledge→ acknowledged
 *                        │ ─silence→ silenced ─expiry→ open or acknowledged, as before
 *     any of these ─resolve→ resolved ─trigger→ a new incident
 */
import { type AlertChange, type AlertState, SEVERITIES } from '../../../core/contracts/results.ts'
import type { Trigger } from './group-alarms.ts'

export interface Incident {
  /** Names this incident to receivers from trigger to resolve: its group and the instant it began. */
  dedupKey: string
  group: string
  state: AlertState
  /** Told nothing until then, whatever its state; null when nobody asked for it. */
  silence: { owner: string; atMs: number; untilMs: number } | null
  acknowledgedBy: string | null
  openedAtMs: number
  /** Of the last trigger or resolve: older ones are late, and change nothing. What people ask for is never too late. */
  changedAtMs: number
  resolvedAtMs: number | null
  /** The worst since it began is not less serious because it gets better. */
  severity: Trigger['severity']
  latest: Trigger
}

export type IncidentEvent =
  | { type: 'trigger'; atMs: number; trigger: Trigger }
  | { type: 'acknowledge'; atMs: number; owner: string }
  | { type: 'silence'; atMs: number; owner: string; untilMs: number }
  /** Time has passed: a silence may have ended. */
  | { type: 'tick'; atMs: number }
  | { type: 'resolve'; atMs: number }

/** What receivers are told; null for nothing. */
export type Notice = AlertChange | null

export interface Step {
  incident: Incident | null
  notice: Notice
}

/** Nobody is silent for longer than a week without saying so again. */
export const MAX_SILENCE_MS = 7 * 86_400_000

export function stepIncident(incident: Incident | null, event: IncidentEvent): Step {
  if (incident === null || incident.state === 'resolved') return begin(incident, event)
  if (event.atMs < incident.openedAtMs) return { incident, notice: null }
  switch (event.type) {
    case 'trigger':
      return update(incident, event.atMs, event.trigger)
    case 'acknowledge':
      return acknowledge(incident, event.atMs, event.owner)
    case 'silence':
      return silence(incident, event)
    case 'tick':
      return endSilence(incident, event.atMs)
    case 'resolve':
      return resolve(incident, event.atMs)
    default:
      return event satisfies never
  }
}

/** Receivers are told of what changes, except while it is silenced; of the end they always are. */
export function isSilenced({ silence }: Incident, atMs: number): boolean {
  return silence !== null && atMs < silence.untilMs
}

/** The same trigger at the same instant gives the same key, in a replay too. */
export function dedupKeyOf(trigger: Trigger, openedAtMs: number): string {
  return `${trigger.group}/${new Date(openedAtMs).toISOString()}`
}

function begin(former: Incident | null, event: IncidentEvent): Step {
  const isLate = former !== null && event.atMs <= former.changedAtMs
  if (event.type !== 'trigger' || isLate) return { incident: former, notice: null }
  const { trigger, atMs } = event
  const incident: Incident = {
    ...{ dedupKey: dedupKeyOf(trigger, atMs), group: trigger.group, state: 'open', silence: null },
    ...{ acknowledgedBy: null, openedAtMs: atMs, changedAtMs: atMs, resolvedAtMs: null },
    ...{ severity: trigger.severity, latest: trigger },
  }
  return { incident, notice: 'opened' }
}

/** Told when it got more serious, or when something else contributes most; else only kept. */
function update(incident: Incident, atMs: number, trigger: Trigger): Step {
  if (atMs < incident.changedAtMs) return { incident, notice: null }
  const isWorse = SEVERITIES.indexOf(trigger.severity) > SEVERITIES.indexOf(incident.severity)
  const isOther = topOf(trigger) !== topOf(incident.latest)
  const severity = isWorse ? trigger.severity : incident.severity
  const changed = { ...incident, severity, latest: trigger, changedAtMs: atMs }
  const isTold = (isWorse || isOther) && !isSilenced(incident, atMs)
  return { incident: changed, notice: isTold ? 'updated' : null }
}

function topOf({ contributors }: Trigger): string {
  const top = contributors[0]
  return top === undefined ? '' : `${top.dimension}/${top.member}`
}

function acknowledge(incident: Incident, atMs: number, owner: string): Step {
  if (incident.state === 'acknowledged') return { incident, notice: null }
  const changed = { ...incident, state: 'acknowledged', acknowledgedBy: owner } as const
  return { incident: changed, notice: isSilenced(incident, atMs) ? null : 'acknowledged' }
}

function silence(
  incident: Incident,
  { atMs, owner, untilMs: wanted }: { atMs: number; owner: string; untilMs: number },
): Step {
  const untilMs = Math.min(wanted, atMs + MAX_SILENCE_MS)
  const isLate = incident.silence !== null && atMs <= incident.silence.atMs
  if (untilMs <= atMs || isLate) return { incident, notice: null }
  return { incident: { ...incident, silence: { owner, atMs, untilMs } }, notice: 'silenced' }
}

function endSilence(incident: Incident, atMs: number): Step {
  if (incident.silence === null || isSilenced(incident, atMs)) return { incident, notice: null }
  return { incident: { ...incident, silence: null }, notice: 'resumed' }
}

function resolve(incident: Incident, atMs: number): Step {
  if (atMs < incident.changedAtMs) return { incident, notice: null }
  const changed = {
    ...incident,
    state: 'resolved',
    silence: null,
    changedAtMs: atMs,
    resolvedAtMs: atMs,
  } as const
  return { incident: changed, notice: 'resolved' }
}
