import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export interface ApiMetrics {
  requestSeconds: Histogram<'method' | 'route' | 'status'>
  clients: Gauge
  framesSent: Counter<'type'>
  querySeconds: Histogram<'who'>
  queryFailures: Counter<'who'>
  commitToFrameSeconds: Histogram
  eventToFrameSeconds: Histogram
  clientsDropped: Counter<'reason'>
  logins: Counter<'by' | 'result'>
  refusals: Counter<'reason'>
  resumes: Counter<'reason'>
  snapshots: Counter<'reason'>
  resyncs: Counter<'reason'>
  unreadableRecords: Counter<'topic'>
}

export function createApiMetrics(registry: Registry): ApiMetrics {
  const registers = [registry]
  const buckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
  return {
    requestSeconds: new Histogram({
      name: 'revwall_http_request_seconds',
      help: 'Duration of HTTP requests by route and status.',
      labelNames: ['method', 'route', 'status'],
      buckets,
      registers,
    }),
    clients: new Gauge({ name: 'revwall_live_clients', help: 'Open live websockets.', registers }),
    framesSent: new Counter({
      name: 'revwall_live_frames_sent_total',
      help: 'Live frames sent, over all clients.',
      labelNames: ['type'],
      registers,
    }),
    querySeconds: new Histogram({
      name: 'revwall_api_query_seconds',
      help: 'Duration of queries of ClickHouse, by who asks: hub, rest or figures.',
      labelNames: ['who'],
      buckets,
      registers,
    }),
    queryFailures: new Counter({
      name: 'revwall_api_query_failures_total',
      help: 'Queries of ClickHouse that failed, by who asks.',
      labelNames: ['who'],
      registers,
    }),
    commitToFrameSeconds: new Histogram({
      name: 'revwall_commit_to_frame_seconds',
      help: 'From the commit of a batch in ClickHouse to the frame that shows it.',
      buckets,
      registers,
    }),
    eventToFrameSeconds: new Histogram({
      name: 'revwall_event_to_frame_seconds',
      help: 'From the append of the oldest event of a batch to the log, to the frame that shows it.',
      buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 15, 60, 600],
      registers,
    }),
    clientsDropped: new Counter({
      name: 'revwall_live_clients_dropped_total',
      help: 'Live websockets that the server ended or did not take: invalid, flood, huge, silent, slow, ended (its access), full, tenant, address or pass (too many of it).',
      labelNames: ['reason'],
      registers,
    }),
    logins: new Counter({
      name: 'revwall_logins_total',
      help: 'Ways in that were tried, by user, screen or share: done, refused or limited (too many tries).',
      labelNames: ['by', 'result'],
      registers,
    }),
    refusals: new Counter({
      name: 'revwall_http_refusals_total',
      help: 'Requests and upgrades that were not let in: host, origin, login (none, or over) or tries (too many).',
      labelNames: ['reason'],
      registers,
    }),
    resumes: new Counter({
      name: 'revwall_live_resumes_total',
      help: 'Walls that came back and got what differs alone: reconnect (a new connection), return (a hidden tab) or moved (from another process).',
      labelNames: ['reason'],
      registers,
    }),
    snapshots: new Counter({
      name: 'revwall_live_snapshots_total',
      help: 'Walls that got everything: first, axis (another one), epoch (of another hub), gone (away for too long), resync.',
      labelNames: ['reason'],
      registers,
    }),
    resyncs: new Counter({
      name: 'revwall_live_resyncs_total',
      help: 'Walls that found their state in doubt: gap, epoch, malformed, checksum or other. A checksum is a fault.',
      labelNames: ['reason'],
      registers,
    }),
    unreadableRecords: new Counter({
      name: 'revwall_live_unreadable_records_total',
      help: 'Records of the log that the hub could not read and skipped, by topic.',
      labelNames: ['topic'],
      registers,
    }),
  }
}
