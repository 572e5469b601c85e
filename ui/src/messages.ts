/**
 * Every text of the wall, in English; `messages-pt.ts` has the same in Portuguese. `messages` and `LOCALE` are those of the
 * language that was chosen: a binding that is set anew, so that whoever reads them reads the current ones.
 */
import type { Language } from './language/pick-language.ts'
import { portuguese } from './messages-pt.ts'

export const english = {
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
      [`${percent} loaded`, left && `${left} left`, rate && `${rate}/s`].filter(Boolean).join(' · '),
    keys: 'Keys and language',
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
  segments: {
    title: 'Customers by segment',
    segment: 'Segment',
    customers: 'Customers',
    revenue: (currency: string) => `Revenue, ${currency}`,
    share: 'Share of revenue',
    moves: 'Moves today',
    came: (count: string) => `${count} came`,
    left: (count: string) => `${count} left`,
    all: 'All',
    note: 'By how recently, how often and for how much each customer bought, in fifths of all customers; orders that count, without guests.',
    loading: 'Reading …',
    empty: 'No customers yet: orders that name their customer are scored here.',
    unreachable: 'The server does not answer; these are the last figures.',
    close: 'Close',
    names: {
      champions: 'Champions',
      loyal: 'Loyal',
      'potential-loyalist': 'Potential loyalist',
      new: 'New',
      promising: 'Promising',
      'need-attention': 'Need attention',
      'about-to-sleep': 'About to sleep',
      'at-risk': 'At risk',
      'cant-lose': 'Can’t lose',
      lost: 'Lost',
      hibernating: 'Hibernating',
    } as Readonly<Record<string, string>>,
  },
  access: {
    open: (subject: string) => `${subject}: screens, links, log out`,
    signedInAs: (subject: string, role: string) => `${subject}, ${role}`,
    roles: { viewer: 'viewer', operator: 'operator', admin: 'admin' },
    logOut: 'Log out',
    close: 'Close',
    walls: 'Walls',
    screens: 'Screens',
    code: 'Code on the TV',
    screenName: 'Where it hangs',
    approve: 'Show the wall there',
    approved: (name: string, address: string) => `${name} shows this wall (asked from ${address}).`,
    noScreens: 'No screens. Open /tv on one.',
    seen: (moment: string) => `seen ${moment}`,
    neverSeen: 'not seen yet',
    revoke: 'Revoke',
    revokeNamed: (name: string) => `Revoke ${name}`,
    shares: 'Links',
    shareName: 'For whom',
    days: 'Days',
    makeLink: 'Make a link',
    link: 'The link',
    linkOnce: 'Whoever has this link sees this wall. It is shown once.',
    until: (moment: string) => `until ${moment}`,
    noShares: 'No links.',
  },
  proof: {
    open: 'prove this number',
    title: 'Prove this number',
    again: 'Prove again',
    close: 'Close',
    asking: 'Reckoning anew from the base table…',
    unreachable: 'The server cannot be reached.',
    figures: {
      revenue: 'Revenue',
      sales: 'Sales',
      refunds: 'Refunds',
      orders: 'Orders',
      units: 'Units',
      customers: 'Customers',
    },
    ofTicket: 'Sales divided by orders: here are both.',
    scope: ({ day, axis, currency }: { day: string; axis: string; currency: string }) =>
      ` · ${day} · ${currency}${axis === 'sale' ? ' · by day of sale' : ''}`,
    fromViews: 'as the wall has it',
    fromBase: 'reckoned from every change',
    difference: 'difference',
    verdicts: {
      exact: '= exact',
      apart: '≠ apart; the reconciler mends it',
      moving: '… orders came between the two; prove again',
    },
    provedAt: 'proved at',
    completeTo: 'complete to',
    offsets: 'up to offset, by partition',
    sqlOfViews: 'SQL of what the wall shows',
    sqlOfBase: 'SQL of the reckoning',
    copy: 'Copy',
    copied: 'Copied',
    marked: 'Marked: copy it by key',
  },
  keys: {
    title: 'Keys and language',
    help: 'show these keys',
    prove: 'prove the number of this tile',
    tiles: 'from tile to tile',
    fullScreen: 'full screen',
    tv: 'TV mode: nothing to press, always on (Esc ends it)',
    segments: 'customers by segment',
    access: 'screens, links, log out (signed in)',
    close: 'close',
  },
  units: { second: 's', minute: 'min', hour: 'h', day: 'd' },
  language: 'Language',
  /** What the server says in English, in words of the page; what is not named here is shown as it came. */
  server: {
    /** By the code of the refusal. */
    faults: {} as Readonly<Record<string, string>>,
    /** By the reason itself. */
    reasons: {} as Readonly<Record<string, string>>,
    /** What a figure is, by its name in /api/v1/proof. */
    definitions: {} as Readonly<Record<string, string>>,
  },
}

export type Messages = typeof english

const SPOKEN: Readonly<Record<Language, { locale: string; messages: Messages }>> = {
  en: { locale: 'en-GB', messages: english },
  'pt-BR': { locale: 'pt-BR', messages: portuguese },
}

export let { locale: LOCALE, messages } = SPOKEN.en

export function setMessages(language: Language): void {
  ;({ locale: LOCALE, messages } = SPOKEN[language])
}
