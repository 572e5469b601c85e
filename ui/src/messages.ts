/** Every text of the page. English now; `core/contracts/messages` will hold en and pt-BR. */

export const LOCALE = 'en-GB'

export const messages = {
  unknown: '—',
  header: {
    live: 'live',
    connecting: 'connecting',
    resyncing: 'resyncing',
    loading: 'loading history',
    catchingUp: 'catching up',
    ended: 'all played',
    stale: 'source does not answer',
    replay: (speed: string, pass: number | null) =>
      pass !== null && pass > 1 ? `replay ${speed}×, pass ${pass}` : `replay ${speed}×`,
    offline: 'offline',
    completeTo: (clock: string) => `complete to ${clock}`,
    lastValuesOf: (clock: string) => `last values of ${clock}`,
    history: (percent: string, rate: string | null, left: string | null) =>
      [`${percent} loaded`, rate && `${rate}/s`, left && `${left} left`].filter(Boolean).join(' · '),
    keys: 'Keys',
  },
  notice: {
    warehouseRestarting: 'database restarting, values kept',
    warehouseDown: 'database down, values kept',
    processorRecovering: 'orders processor recovering',
    processorHalted: 'orders processor halted',
  },
  axis: {
    legend: 'Count by',
    booked: 'booked',
    sale: 'sale day',
    bookedTitle: 'Every change counts on the day it was booked',
    saleTitle: 'Every change counts on the day of its sale',
  },
  hero: {
    title: (currency: string) => (currency ? `Revenue today, ${currency}` : 'Revenue today'),
    titleSale: (currency: string) => `Revenue of today’s sales, ${currency}`,
    yesterdayBy: (clock: string) => `yesterday by ${clock}`,
    last: (weekday: string) => `last ${weekday}`,
    others: (list: string) => `apart: ${list}`,
    empty: 'No orders yet. Connect a source next: revwall replay orders.csv',
    spoken: (revenue: string, currency: string, orders: string) =>
      `Revenue today ${revenue} ${currency}, ${orders} orders.`,
  },
  compare: {
    same: 'same as',
    more: 'more',
    less: 'less',
    than: (day: string) => `than ${day}`,
    versus: (day: string) => `vs ${day}`,
    yesterday: 'yesterday',
    last: (weekday: string) => `last ${weekday}`,
  },
  tiles: {
    orders: 'Orders',
    ticket: 'Average ticket',
    customers: 'Customers',
    units: 'Units',
    refunds: 'Refunds',
    margin: 'Margin',
    guestOrders: (count: string, one: boolean) => `+ ${count} guest ${one ? 'order' : 'orders'}`,
    credits: 'credits',
    adjustments: 'adjusted',
    noTicket: 'no orders yet',
  },
  lists: {
    products: 'Top products',
    countries: 'Countries',
    latest: 'Last orders',
    nothing: 'nothing yet today',
  },
  kinds: {
    sale: '',
    edit: 'edited',
    cancel: 'cancelled',
    restore: 'restored',
    refund: 'refund',
    credit: 'credit',
    adjustment: 'adjustment',
  },
  guest: 'guest',
  freshness: {
    quiet: 'quiet',
    stale: 'stale',
    loading: 'loading',
    ended: 'ended',
    fresh: 'fresh',
    offline: 'offline',
  },
  footer: {
    sources: 'Sources',
    noSources: 'no source connected',
    verifying: 'verifying…',
    unproved: 'not proved yet',
    exact: (zero: string, age: string) => `= exact: ${zero} drift, proved ${age} ago`,
    drift: (amount: string, buckets: number) =>
      `≠ drift ${amount} in ${buckets} ${buckets === 1 ? 'bucket' : 'buckets'}`,
    deadLetters: (count: string, one: boolean) => `${count} dead ${one ? 'letter' : 'letters'}`,
  },
  chart: {
    label: (last: string, clock: string) =>
      `Revenue through the day, up to ${clock}: ${last}; today's line against yesterday and the same weekday of last week`,
  },
  keys: {
    title: 'Keys',
    help: 'show these keys',
    fullScreen: 'full screen',
    close: 'close',
  },
  units: { second: 's', minute: 'min', hour: 'h', day: 'd' },
} as const
