/**
 * The views that people query: stable names over the tables of the present run, summed already, so that nobody adds up
 * rows that a merge has not joined yet.
 */
export interface V1View {
  name: string
  /** The table in the run that it reads; types and comments of its columns are taken from there. */
  table: string
  /** It is no run's, and stands where the views are: what was done to others is not done again in another run. */
  isShared?: true
  comment: string
  /** `sums`: grouped by the first columns, the others summed. `rows`: the columns as they are. */
  shape: { sums: { keys: string[]; having?: string } } | { rows: { after: string; without: RegExp } }
}

const MARKS = /^(mark|progress)_/
const NONE = /^$/
/** Of persons; an analyst gets the pseudonym that orders carry, and where it is. */
const PERSONAL = /^(external_customer|name|email|phone|precedence)$/
/** The record as it came may tell of a person. */
const RECORD = /^(payload|encoding)$/

export const V1_VIEWS: readonly V1View[] = [
  {
    name: 'v1_headline',
    table: 'headline_v1',
    comment: 'Headline numbers by minute and currency, on both date axes. Filter by day.',
    shape: { sums: { keys: ['tenant', 'day', 'minute', 'currency'] } },
  },
  {
    name: 'v1_quarter_hours',
    table: 'quarter_hours_v1',
    comment: 'Revenue, orders and units by quarter hour, source, country and currency, on both date axes.',
    shape: { sums: { keys: ['tenant', 'day', 'hour', 'quarter', 'source', 'country', 'currency'] } },
  },
  {
    name: 'v1_products',
    table: 'products_v1',
    comment:
      'Revenue, units and what is known of costs by local day and article, on both date axes. Profit is costed revenue less cost.',
    shape: { sums: { keys: ['tenant', 'day', 'currency', 'sku', 'name', 'category'] } },
  },
  {
    name: 'v1_breakdowns',
    table: 'breakdowns_v1',
    comment:
      'Revenue, orders, units and commission base by local day and one of region, state, country, channel, rep and status, on both date axes. Filter by dimension: each one has everything.',
    shape: { sums: { keys: ['tenant', 'day', 'dimension', 'value', 'currency'] } },
  },
  {
    name: 'v1_customer_days',
    table: 'customer_days_v1',
    comment: 'Orders and revenue of each customer by minute, on both date axes.',
    shape: { sums: { keys: ['tenant', 'day', 'minute', 'customer', 'currency'] } },
  },
  {
    name: 'v1_latest_orders',
    table: 'latest_orders_v1',
    comment: 'Booked entries by instant: sales, edits, cancellations, refunds, credits, adjustments.',
    shape: {
      sums: {
        keys: ['tenant', 'at', 'source', 'order_id', 'kind', 'reference', 'country', 'currency', 'guest'],
        having: 'entries > 0',
      },
    },
  },
  {
    name: 'v1_orders',
    table: 'order_changes',
    comment: 'The present state of each order. Grain: order.',
    shape: {
      rows: {
        after: 'WHERE sign = 1 ORDER BY revision DESC LIMIT 1 BY tenant, source, order_id',
        without: /^(mark_|progress_|sign$)/,
      },
    },
  },
  {
    name: 'v1_order_changes',
    table: 'order_changes',
    comment: 'Every change of an order: as it was (sign -1) and as it is (sign +1). Sum sign * x.',
    shape: { rows: { after: 'WHERE sign != 0', without: MARKS } },
  },
  {
    name: 'v1_dead_letters',
    table: 'dead_letters',
    comment: 'Records that could not be taken, each once, without what stands in them. Grain: origin.',
    shape: { rows: { after: 'FINAL', without: RECORD } },
  },
  {
    name: 'v1_customers',
    table: 'customers',
    comment: 'Customers without personal data: pseudonym, place, since when. Grain: customer of a source.',
    shape: { rows: { after: 'FINAL', without: PERSONAL } },
  },
  {
    name: 'v1_catalogue',
    table: 'catalogue',
    comment: 'Articles as their source describes them: price, cost, stock. Grain: article of a source.',
    shape: { rows: { after: 'FINAL', without: NONE } },
  },
  {
    name: 'v1_rates',
    table: 'rates',
    comment:
      'Exchange rates by day: one unit of base is so many units of quote. Grain: pair of currencies and day.',
    shape: { rows: { after: 'FINAL', without: /^version$/ } },
  },
  {
    name: 'v1_annotations',
    table: 'annotations',
    comment:
      'What happened when: deploys, promotions, changes of prices. Grain: annotation; removed ones are left out.',
    shape: { rows: { after: 'FINAL WHERE NOT removed', without: /^(version|removed)$/ } },
  },
  {
    name: 'v1_targets',
    table: 'targets',
    comment:
      'What is to be reached in each day, week or month. Grain: series, period and first day; of these the last that has come holds.',
    shape: { rows: { after: 'FINAL WHERE NOT removed', without: /^(version|removed)$/ } },
  },
  {
    name: 'v1_customer_segments',
    table: 'customer_segments',
    comment: 'What each customer is now: segment, scores, and the figures behind them. Grain: customer.',
    shape: { rows: { after: 'FINAL', without: NONE } },
  },
  {
    name: 'v1_segment_moves',
    table: 'segment_moves',
    comment: 'Moves from one segment to another. Grain: move.',
    shape: { rows: { after: 'FINAL', without: NONE } },
  },
  {
    name: 'v1_segment_days',
    table: 'segment_days',
    comment: 'Customers and revenue by segment, as they stood last on each day. Grain: day and segment.',
    // Of a day on which another division was chosen the former one's segments are left behind.
    shape: {
      rows: { after: 'FINAL QUALIFY at = max(at) OVER (PARTITION BY tenant, day)', without: NONE },
    },
  },
  {
    name: 'v1_customer_values',
    table: 'customer_values',
    comment:
      'What each customer is expected to order and to bring in 12 months, and whether it still comes. Grain: customer.',
    shape: { rows: { after: 'FINAL', without: /^is_gone$/ } },
  },
  {
    name: 'v1_value_models',
    table: 'value_models',
    comment: 'Parameters and likelihoods of the last fit at each cut-off. Grain: cut-off.',
    shape: { rows: { after: 'FINAL ORDER BY revision DESC LIMIT 1 BY tenant, cutoff', without: NONE } },
  },
  {
    name: 'v1_forecasts',
    table: 'forecasts',
    comment:
      'Forecasts of local days with their intervals, the last that was made at each cut-off. Grain: series, cut-off and day.',
    shape: {
      rows: {
        after: 'FINAL ORDER BY revision DESC LIMIT 1 BY tenant, series, dimension, key, cutoff, day',
        without: NONE,
      },
    },
  },
  {
    name: 'v1_forecast_models',
    table: 'forecast_models',
    comment: 'Methods, weights and backtest of the last forecast at each cut-off. Grain: series and cut-off.',
    shape: {
      rows: {
        after: 'FINAL ORDER BY revision DESC LIMIT 1 BY tenant, series, dimension, key, cutoff',
        without: /^history$/,
      },
    },
  },
  {
    name: 'v1_week_forecasts',
    table: 'week_forecasts',
    comment:
      'Forecasts of weeks from Monday with their intervals, the last that was made at each cut-off. Grain: series, cut-off and week.',
    shape: {
      rows: {
        after: 'FINAL ORDER BY revision DESC LIMIT 1 BY tenant, series, dimension, key, cutoff, week',
        without: NONE,
      },
    },
  },
  {
    name: 'v1_week_forecast_models',
    table: 'week_forecast_models',
    comment:
      'Methods, weights and backtest of the last forecast of weeks at each cut-off. Grain: series and cut-off.',
    shape: {
      rows: {
        after: 'FINAL ORDER BY revision DESC LIMIT 1 BY tenant, series, dimension, key, cutoff',
        without: NONE,
      },
    },
  },
  {
    name: 'v1_pace_bands',
    table: 'pace_bands',
    comment:
      'What is usual of a local day by each quarter of an hour, with intervals, as it was said last. Grain: series, day and elapsed minute.',
    shape: {
      rows: {
        after: 'FINAL ORDER BY revision DESC LIMIT 1 BY tenant, series, day, minute',
        without: NONE,
      },
    },
  },
  {
    name: 'v1_nowcasts',
    table: 'nowcasts',
    comment:
      'Where a local day was to end, as it was reckoned while it went on. Grain: series, day and elapsed minute.',
    shape: { rows: { after: 'FINAL', without: NONE } },
  },
  {
    name: 'v1_order_anomalies',
    table: 'order_anomalies',
    comment: 'Orders that were found unusual as they came, and why. Grain: order.',
    shape: { rows: { after: 'FINAL', without: NONE } },
  },
  {
    name: 'v1_order_scorings',
    table: 'order_scorings',
    comment: 'How many orders were judged, told, withheld and skipped on each day. Grain: tenant and day.',
    shape: { rows: { after: "FINAL WHERE tenant != ''", without: /^(partition|step|mark_)/ } },
  },
  {
    name: 'v1_incidents',
    table: 'incident_changes',
    comment:
      'Incidents as they stand: metrics that left their band, sources that do not answer. Grain: incident.',
    shape: {
      rows: { after: 'FINAL ORDER BY revision DESC LIMIT 1 BY tenant, alert_id', without: /^last_severity$/ },
    },
  },
  {
    name: 'v1_incident_changes',
    table: 'incident_changes',
    comment: 'What became of each incident, step by step. Grain: change of an incident.',
    shape: { rows: { after: 'FINAL', without: /^last_severity$/ } },
  },
  {
    name: 'v1_deliveries',
    table: 'deliveries',
    isShared: true,
    comment: 'What was sent to endpoints: webhooks and Slack. Grain: attempt.',
    shape: { rows: { after: 'FINAL', without: /^command_id$/ } },
  },
  {
    name: 'v1_reconciliations',
    table: 'reconciliations',
    comment: 'What the reconciler found. Grain: comparison of one view.',
    shape: { rows: { after: '', without: MARKS } },
  },
]

/** Tables with a tenant column that are of all runs. */
export const SHARED_TABLES: readonly string[] = V1_VIEWS.flatMap(({ table, isShared }) =>
  isShared ? [table] : [],
)

/** Their qualified names, for the engine's `tables`: all have a tenant column. */
export function v1ViewNames(controlDatabase = 'revwall'): string[] {
  return V1_VIEWS.map(({ name }) => `${controlDatabase}.${name}`)
}
