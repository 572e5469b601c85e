import { say } from '../../core/contracts/sayings.ts'
import type { Tiles } from '../../core/contracts/tiles.ts'
import { noPace, placed } from './pace-of-a-day.ts'

/** Changes to the plain day by name; `GET /mock/scene?name=…` shows one. */
export const scenes: Record<string, (tiles: Tiles) => Partial<Tiles>> = {
  plain: () => ({}),
  live: ({ tenant }) => ({ tenant: { ...tenant, mode: 'live', speed: 1, pass: null } }),
  restarting: () => ({ health: { warehouse: 'restarting', processor: 'running', message: '' } }),
  halted: ({ pace, notes }) => ({
    notes: { ...notes, target: { revenue: '39000', orders: null } },
    pace: noPace(pace, 'forecast', 321),
    health: { warehouse: 'up', processor: 'halted', ...say('processor.gone') },
  }),
  stale: ({ sources }) => ({
    sources: sources.map((one) => ({
      ...one,
      freshness: 'stale',
      polledAt: new Date(Date.now() - 720_000).toISOString(),
    })),
  }),
  history: ({ tenant, pace }) => ({
    pace: noPace(pace, 'history', 9),
    tenant: { ...tenant, mode: 'history', speed: 1, pass: null },
    history: { loaded: 342_100, total: 541_909, perSecond: 41_250, secondsLeft: 5 },
  }),
  drift: ({ exactness, pace }) => ({
    pace: placed(pace, 'below', { usual: [112, 140] }),
    exactness: { ...exactness, driftE4: '100', driftedBuckets: 1, deadLetters: 12 },
  }),
  big: ({ hero, pace }) => ({
    pace: placed(pace, 'above', { usual: [16_020, 18_480], times: 200 }),
    hero: {
      ...hero,
      today: {
        ...hero.today,
        revenue: '9747747.934',
        orders: 22_064,
        ticket: '12345.67',
        customers: 14_372,
        guestOrders: 1_432,
        units: '5176450',
        refunds: '-611342.09',
        refundCount: 3_836,
        adjustments: '-11062.06',
        adjustmentCount: 3,
      },
    },
  }),
  /** A known shop that has sold nothing today. */
  empty: ({ hero, chart, pace, sources }) => ({
    pace: noPace(pace, 'forecast', 321),
    hero: { ...hero, today: zeros(hero) },
    chart: { ...chart, today: chart.today.map(() => '0') },
    products: [],
    countries: [],
    latest: [],
    sources: sources.map((one) => ({
      ...one,
      freshness: 'quiet',
      lastFactAt: one.lastFactAt && yesterday(),
    })),
  }),
  /** No order has ever come. */
  'first-run': ({ hero, exactness, pace, notes }) => ({
    notes: { ...notes, annotations: [], target: { revenue: null, orders: null } },
    pace: noPace(pace, 'history', 0),
    hero: { ...hero, today: zeros(hero), yesterday: null, lastWeek: null },
    chart: { stepMinutes: 5, today: [], yesterday: [], lastWeek: [] },
    products: [],
    countries: [],
    latest: [],
    sources: [],
    exactness: { ...exactness, provedAt: null },
  }),
}

const yesterday = () => new Date(Date.now() - 20 * 3_600_000).toISOString()

function zeros(hero: Tiles['hero']): Tiles['hero']['today'] {
  const entries = Object.entries(hero.today).map(([name, value]) => [
    name,
    typeof value === 'number' ? 0 : '0',
  ])
  return { ...Object.fromEntries(entries), ticket: null }
}
