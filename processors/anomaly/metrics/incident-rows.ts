/** Incidents as rows of ClickHouse, and back; and as CloudEvents on `alerts`, of single series on `anomalies`. */
import { createHash } from 'node:crypto'
import type { StoredIncident } from '../../../clickhouse/queries/read-incidents.ts'
import { fromE4 } from '../../../core/contracts/money.ts'
import type { AlertResult, AnomalyResult } from '../../../core/contracts/results.ts'
import type { TenantConfig } from '../../../core/contracts/tenant.ts'
import type { KeyedEvent } from '../../send-events.ts'
import type { SeriesAlarm } from './group-alarms.ts'
import type { Incident, Notice } from './incident.ts'
import type { IncidentChange, Kept, Sighting } from './incident-book.ts'
import { detailOf, seriesText, titleOf } from './incident-words.ts'
import type { TenantMetrics } from './tenant-metrics.ts'
import { DEFAULT_WATCH } from './watch-series.ts'

export interface Telling {
  tenant: TenantConfig
  /** Wall clock. */
  atMs: number
  /** Where the wall is: `http://127.0.0.1:4680`. */
  wall: string
}

export function incidentRow({ kept, notice }: IncidentChange, { tenant, atMs }: Telling) {
  const { alertId, revision, incident, sighting } = kept
  const { dedupKey, group, state, severity, latest, silence, resolvedAtMs } = incident
  const { observed, expected, low, high, z, contributors } = latest
  return {
    ...{ tenant: tenant.id, alert_id: alertId, revision, at: iso(atMs), notice: notice ?? '' },
    ...{ kind: latest.kind, dedup_key: dedupKey, alert_group: group, state, severity },
    ...{ subject: latest.subject, direction: latest.direction ?? '', cause: latest.cause ?? '' },
    ...{ dimension: latest.part?.dimension ?? '', member: latest.part?.member ?? '' },
    ...{ last_severity: latest.severity, currency: sighting.currency, score: z },
    ...{ observed: decimalOf(observed), expected: decimalOf(expected) },
    ...{ low: decimalOf(low), high: decimalOf(high) },
    contributor_dimension: contributors.map(({ dimension }) => dimension),
    contributor_member: contributors.map(({ member }) => member),
    contributor_change: contributors.map(({ change }) => decimalOf(change) ?? '0'),
    contributor_share: contributors.map(({ share }) => share),
    ...{ window_from: iso(sighting.window.fromMs), window_to: iso(sighting.window.toMs) },
    ...{
      seen_at: iso(sighting.nowMs),
      opened_at: iso(incident.openedAtMs),
      changed_at: iso(incident.changedAtMs),
    },
    resolved_at: resolvedAtMs === null ? null : iso(resolvedAtMs),
    ...{ acknowledged_by: incident.acknowledgedBy ?? '', silenced_by: silence?.owner ?? '' },
    silenced_at: silence === null ? null : iso(silence.atMs),
    silenced_until: silence === null ? null : iso(silence.untilMs),
    model: sighting.model,
  }
}

export function keptOf(stored: StoredIncident): Kept {
  const { tenant, alertId, revision, group, kind, subject, part, direction, cause, silence } = stored
  const numberOf = (text: string | null) => (text === null ? Number.NaN : Number(text))
  const incident: Incident = {
    ...{ dedupKey: stored.dedupKey, group, state: stored.state, acknowledgedBy: stored.acknowledgedBy },
    silence:
      silence === null
        ? null
        : { owner: silence.owner, atMs: Date.parse(silence.at), untilMs: Date.parse(silence.until) },
    ...{ openedAtMs: Date.parse(stored.openedAt), changedAtMs: Date.parse(stored.changedAt) },
    resolvedAtMs: stored.resolvedAt === null ? null : Date.parse(stored.resolvedAt),
    severity: stored.severity,
    latest: {
      ...{ kind, group, tenant, subject, part, direction, cause, severity: stored.lastSeverity },
      ...{ observed: numberOf(stored.observed), expected: numberOf(stored.expected) },
      ...{ low: numberOf(stored.low), high: numberOf(stored.high), z: stored.score },
      contributors: stored.contributors.map((one) => ({ ...one, change: Number(one.change) })),
    },
  }
  const window = { fromMs: Date.parse(stored.windowFrom), toMs: Date.parse(stored.windowTo) }
  const { currency, model } = stored
  return {
    tenant,
    alertId,
    revision,
    incident,
    sighting: { window, nowMs: Date.parse(stored.seenAt), currency, model },
  }
}

/** How far a tenant's metrics are. */
export function watchRow({ tenant, positionMs, width, days, series, states }: TenantMetrics, atMs: number) {
  const standing = { tenant: tenant.id, at: iso(atMs), up_to: iso(positionMs), width, days, series }
  return { ...standing, states: JSON.stringify(states) }
}

/** For a change that is told. */
export function incidentEvent(
  { kept, notice, atMs: changedMs }: IncidentChange,
  { tenant, atMs, wall }: Telling,
): KeyedEvent & { value: AlertResult } {
  const { alertId, incident, sighting } = kept
  const { dedupKey, severity, state, latest, silence, acknowledgedBy } = incident
  const { observed, expected, low, high } = latest
  return {
    key: `${tenant.id}/${alertId}`,
    value: {
      specversion: '1.0',
      type: 'revwall.alert.v1',
      id: hash(dedupKey, notice ?? '', ...(isOnce(notice) ? [] : [changedMs])),
      source: `/tenants/${tenant.id}/alerts`,
      subject: latest.subject,
      time: iso(atMs),
      datacontenttype: 'application/json',
      data: {
        ...{ schemaVersion: 1, tenant: tenant.id, computedAt: iso(atMs), model: sighting.model },
        ...{ alertId, dedupKey, severity, state, kind: latest.kind, subject: latest.subject },
        ...{ title: titleOf(incident, sighting.currency), detail: detailOf(kept, tenant.timeZone) },
        link: `${wall}/?tenant=${tenant.id}&${latest.kind === 'order' ? 'anomaly' : 'incident'}=${alertId}`,
        ...(notice !== null && { change: notice }),
        ...(latest.part !== null && { part: latest.part }),
        ...(latest.direction !== null && { direction: latest.direction }),
        ...(latest.cause !== null && { cause: latest.cause }),
        currency: sighting.currency,
        ...(!Number.isNaN(observed) && { observed: textOf(observed) }),
        ...(!Number.isNaN(expected) && { expected: textOf(expected) }),
        ...(!Number.isNaN(low) && { interval: { low: textOf(low), high: textOf(high) } }),
        score: latest.z,
        window: { from: iso(sighting.window.fromMs), to: iso(sighting.window.toMs) },
        contributors: latest.contributors.map(({ change, ...one }) => ({ ...one, change: textOf(change) })),
        freshness: freshnessOf(sighting),
        ...(acknowledgedBy !== null && { acknowledgedBy }),
        ...(silence !== null && { silence: { owner: silence.owner, until: iso(silence.untilMs) } }),
      },
    },
  }
}

/** What an incident does once: its id needs no instant, which after a crash may be a later one. */
const isOnce = (notice: Notice) => notice === 'opened' || notice === 'acknowledged' || notice === 'resolved'

/** What an alarm begins at: by k of n as much as by a drift. */
const THRESHOLD = scoreOf(DEFAULT_WATCH.zOn)
/** A region's name may be as long as a label; an id may not. */
const MAX_NAME = 150

/** A series that has come into alarm, and the incident that it is a part of. */
export function seriesEvent(
  alarm: SeriesAlarm,
  { alertId, incident: { dedupKey, severity }, sighting }: Kept,
  { tenant, atMs, wall }: Telling,
): KeyedEvent & { value: AnomalyResult } {
  const { metric, dimension, member, observed, expected, z } = alarm
  const subjectId =
    dimension === 'total'
      ? `${metric}/total`
      : `${metric}/${dimension}/${encodeURIComponent(member)}`.slice(0, MAX_NAME)
  return {
    key: `${tenant.id}/${subjectId}`,
    value: {
      specversion: '1.0',
      type: 'revwall.anomaly.v1',
      id: hash(tenant.id, subjectId, sighting.window.toMs),
      source: `/tenants/${tenant.id}/anomalies`,
      subject: subjectId,
      time: iso(atMs),
      datacontenttype: 'application/json',
      data: {
        ...{ schemaVersion: 1, tenant: tenant.id, computedAt: iso(atMs), model: sighting.model },
        ...{ subject: 'series', subjectSource: dimension === 'source' ? member : 'all', subjectId },
        ...{ dedupKey, severity, currency: tenant.currency },
        ...{ observed: textOf(observed), expected: decimalOf(expected) },
        // A drift has added up to what a single point would need.
        ...{ score: Math.max(THRESHOLD, scoreOf(z)), threshold: THRESHOLD },
        window: { from: iso(sighting.window.fromMs), to: iso(sighting.window.toMs) },
        drivers: [{ feature: `${metric}_${alarm.cause}`, weight: Math.abs(z) }],
        explanation: {
          en: seriesText('en', alarm, tenant.currency),
          'pt-BR': seriesText('pt-BR', alarm, tenant.currency),
        },
        freshness: freshnessOf(sighting),
        link: `${wall}/?tenant=${tenant.id}&incident=${alertId}`,
      },
    },
  }
}

/** z in [0.5, 1): what is expected is 0.5. */
function scoreOf(z: number): number {
  return 1 - 0.5 ** (1 + Math.abs(z) / DEFAULT_WATCH.zOn)
}

function freshnessOf({ nowMs, window }: Sighting) {
  return { now: iso(nowMs), behindMs: Math.max(0, Math.round(nowMs - window.toMs)) }
}

const hash = (...parts: (string | number)[]) =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32)

const textOf = (value: number) => fromE4(Math.round(value * 10_000))

const decimalOf = (value: number) => (Number.isNaN(value) ? null : textOf(value))

const iso = (ms: number) => new Date(ms).toISOString()
