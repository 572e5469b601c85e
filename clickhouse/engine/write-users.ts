import { tenant as tenantName } from '../../core/contracts/fields.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { PRIORITY } from '../../core/runtime/priority.ts'
import { SHARED_TABLES } from '../queries/v1-views.ts'
import { threadsAt } from '../thread-priority.ts'
import {
  type AnalystLimits,
  analystProfile,
  LIKE_A_SERVER,
  settings,
  TENANT_SETTING,
} from './analyst-profile.ts'
import { element, namedElement, text } from './xml.ts'

export interface Analyst {
  tenant: string
  user: string
  password: string
}

export interface Access {
  /** The program's own user; may do everything. */
  program: { user: string; password: string }
  analysts: Analyst[]
  /** Of VIEWS_USER. Nobody needs to know it: nobody logs in as that user. */
  viewsPassword: string
  /** Qualified names (`database.table`) with a tenant column: an analyst reads its own rows of them. */
  tenantTables: string[]
  /** Qualified names without a tenant column that every analyst may read whole. */
  openTables: string[]
  /** Databases whose tables analysts see through views only, which run as VIEWS_USER. */
  viewDatabases: string[]
  /** Databases that those views read too, whose rows are filtered where they are: what is Distributed over several servers. */
  overShards?: string[]
  analystLimits: AnalystLimits
}

/** DEFINER of the views for people: it reads what is behind them, filtered by the tenant of whoever asks. */
export const VIEWS_USER = 'revwall_views'

/** By which servers that read each other prove that they are who they should be (migrations/claim-shards.ts). */
const CONTROL = 'revwall'
const PLACES_TABLE = `${CONTROL}.shards`
/** In the program's profile; no tenant can have this name. */
const EVERY_TENANT = '*'
/** In that of VIEWS_USER: what another server asks without saying for whom, it asks for nobody. */
const NO_TENANT = '-'
const DATABASE = /^[A-Za-z_]\w{0,62}$/
const TABLE = /^[A-Za-z_]\w{0,62}\.[A-Za-z_]\w{0,126}$/

export function analystUser(tenant: string): string {
  if (tenantName.safeParse(tenant).success) return `analyst_${tenant}`
  throw new RevwallError('ENGINE_BAD_NAME', `"${tenant}" cannot be a tenant's name.`)
}

/**
 * users.xml. `default` is the local session that starts the listener: ClickHouse wants its password empty, so it may
 * do nothing else, and config.xml does not let it in over HTTP at all.
 *
 * An analyst is granted listed tables only, never a whole database: a table that somebody forgets to list is then
 * hidden from analysts, where a grant on the database would have shown them every tenant's rows.
 *
 * Views are filtered twice. A filter on the view itself is only one condition beside those of the query: with
 * `short_circuit_function_evaluation = 'disable'` a `throwIf(tenant = 'other')` is computed for the others' rows too, and
 * tells of them. A filter on the table behind it goes before anything else, so that the views' user has one on each of its
 * databases, by a setting that comes with the query and is fixed in the analyst's profile. (`currentUser()` would not do: a
 * client of the native protocol may name any user as the initial one.)
 */
export function usersXml(access: Access): string {
  const { program, analysts, viewDatabases } = access
  for (const table of [...access.tenantTables, ...access.openTables]) require(TABLE, table)
  for (const database of viewDatabases) require(DATABASE, database)
  return element('clickhouse', [
    element('profiles', [
      ...sessionProfiles(),
      analystProfile('analyst', access.analystLimits),
      ...analysts.map(tenantProfile),
    ]),
    element('quotas', [element('unlimited', [])]),
    element('users', [
      user('default', '', 'session', ['GRANT SYSTEM LISTEN ON *.*', 'GRANT SELECT ON system.numbers']),
      user(program.user, program.password, 'program', ['GRANT ALL ON *.*']),
      viewsUser(access),
      ...analysts.map((analyst) => analystXml(analyst, access)),
    ]),
  ])
}

function viewsUser({ viewsPassword, viewDatabases, overShards = [] }: Access): string {
  const asked = `getSetting('${TENANT_SETTING}')`
  const filter = element('filter', [text(`(tenant = ${asked}) OR (${asked} = '${EVERY_TENANT}')`)])
  // The empty name stands for every table of the database; `*` would be a table of that name.
  const databases = viewDatabases.map((database) => element(database, [namedElement('table', '', [filter])]))
  const shared = element(
    CONTROL,
    SHARED_TABLES.map((table) => element(table, [filter])),
  )
  const places = overShards.length > 0 ? [PLACES_TABLE] : []
  const grants = grantsOn([
    ...[...viewDatabases, ...overShards].map((database) => `${database}.*`),
    ...SHARED_TABLES.map((table) => `${CONTROL}.${table}`),
    ...places,
  ])
  return user(VIEWS_USER, viewsPassword, 'views', grants, element('databases', [...databases, shared]))
}

function analystXml({ user: name, password, tenant }: Analyst, access: Access): string {
  const grants = grantsOn([...access.tenantTables, ...access.openTables])
  return user(name, password, name, grants, filters(tenant, access.tenantTables))
}

function grantsOn(tables: string[]): string[] {
  // Without any grant line ClickHouse would give the user everything.
  return tables.length === 0
    ? ['GRANT SELECT ON system.one']
    : tables.map((table) => `GRANT SELECT ON ${table}`)
}

function filters(tenant: string, tables: string[]): string {
  const databases = [...new Set(tables.map((table) => table.split('.')[0]!))]
  const filter = element('filter', [text(`tenant = '${tenant}'`)])
  const of = (database: string) =>
    tables
      .filter((table) => table.startsWith(`${database}.`))
      .map((table) => element(table.slice(database.length + 1), [filter]))
  return element(
    'databases',
    databases.map((database) => element(database, of(database))),
  )
}

function user(name: string, password: string, profile: string, grants: string[], more = ''): string {
  return element(name, [
    element('password', [text(password)]),
    element('networks', [element('ip', [text('127.0.0.1')])]),
    element('profile', [text(profile)]),
    element('quota', [text('unlimited')]),
    element(
      'grants',
      grants.map((grant) => element('query', [text(grant)])),
    ),
    more,
  ])
}

function sessionProfiles(): string[] {
  // Else a thread that has done something aside would go before all others.
  const orders = threadsAt(PRIORITY.orders)
  const program = [
    ...settings({ ...LIKE_A_SERVER, ...orders }),
    element(TENANT_SETTING, [text(EVERY_TENANT)]),
  ]
  const views = [...settings(LIKE_A_SERVER), element(TENANT_SETTING, [text(NO_TENANT)])]
  return [
    element('default', []),
    element('session', []),
    element('program', program),
    element('views', views),
  ]
}

/** The analysts' profile with one tenant. What is not said to be changeable is not, by `readonly = 1`. */
function tenantProfile({ user: name, tenant }: Analyst): string {
  return element(name, [element('profile', [text('analyst')]), element(TENANT_SETTING, [text(tenant)])])
}

function require(pattern: RegExp, name: string): void {
  if (!pattern.test(name))
    throw new RevwallError('ENGINE_BAD_NAME', `"${name}" is no name of a table or database.`)
}
