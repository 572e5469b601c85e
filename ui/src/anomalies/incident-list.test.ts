import { afterEach, expect, it } from 'vitest'
import { setMessages } from '../messages.ts'
import {
  describeContributors,
  describeIncident,
  describeState,
  describeWatch,
  type Incident,
} from './incident-list.ts'

afterEach(() => setMessages('en'))

const INCIDENT: Incident = {
  ...{
    alertId: 'i',
    kind: 'metric',
    state: 'open',
    severity: 'critical',
    subject: 'orders',
    part: { member: '' },
  },
  ...{ direction: 'fall', cause: 'level', currency: 'GBP', observed: '12', low: '-3.4', high: '51.2' },
  contributors: [
    { member: 'shop', change: '-27', share: 0.957 },
    { member: 'SP', change: '2', share: -0.07 },
  ],
  ...{ openedAt: '2024-03-01T10:45:00Z', resolvedAt: null, acknowledgedBy: null, silence: null },
}

it('says what happened in counts or money, in both languages', () => {
  expect(describeIncident(INCIDENT)).toBe('Orders below usual: 12, usually 0 to 51')
  expect(describeIncident({ ...INCIDENT, part: { member: 'SP' } })).toMatch(/^Orders \(SP\) below usual/)
  const money = { ...INCIDENT, subject: 'revenue', direction: 'rise', cause: 'drift', low: '3' } as const
  expect(describeIncident(money)).toBe('Revenue a little above usual for hours: 12.00, usually 3.00 to 51.20')
  expect(describeIncident({ ...INCIDENT, kind: 'data.stale', subject: 'shop' })).toBe('shop does not answer')
  expect(describeContributors(INCIDENT)).toBe('shop −27 (96%), SP +2 (−7%)')
  setMessages('pt-BR')
  expect(describeIncident(INCIDENT)).toBe('Pedidos abaixo do habitual: 12, em geral 0 a 51')
})

it('says since when, who looks after it, and until when it is silent', () => {
  expect(describeState(INCIDENT, 'Europe/London')).toBe('open, since 1 Mar 2024, 10:45')
  const until = '2024-03-01T18:45:00Z'
  const taken = {
    ...INCIDENT,
    state: 'acknowledged',
    acknowledgedBy: 'ana',
    silence: { owner: 'bia', until },
  } as const
  expect(describeState(taken, 'Europe/London')).toBe(
    'acknowledged, since 1 Mar 2024, 10:45 · looked after by ana · silenced until 1 Mar 2024, 18:45 by bia',
  )
  const over = { ...INCIDENT, state: 'resolved', resolvedAt: '2024-03-01T12:00:00Z' } as const
  expect(describeState(over, 'Europe/London')).toBe('resolved, 1 Mar 2024, 10:45 to 1 Mar 2024, 12:00')
})

it('says what is watched, and where nothing is', () => {
  const watching = { upTo: '', bucketMinutes: 15, series: 20 }
  const absent = (reason: 'off' | 'history' | 'waiting') => ({ reason, have: 3, need: 14 })
  expect(describeWatch({ absence: null, watching })).toContain('20 series watched by 15 minutes')
  expect(describeWatch({ absence: absent('history'), watching })).toContain('3 of 14 days')
  expect(describeWatch({ absence: absent('waiting'), watching: null })).toContain('being computed')
  expect(describeWatch({ absence: absent('off'), watching })).toContain('off on this server')
})
