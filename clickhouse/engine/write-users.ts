import { tenant as tenantName } from '../../core/contracts/fields.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { element, text } from './xml.ts'

export interface Analyst {
  tenant: string
  user: string
  password: string
}

export interface Access {
  /** The program's own user; may do everything. */
  program: { user: string; password: string }
  analysts: Analyst[]
  /** Qualified names (`database.table`) with a tenant column: an analyst reads its own rows of them. */
  tenantTables: string[]
  /** Qualified names without a tenant column that every analyst may read whole. */
  openTables: string[]
  /** What one query of an analyst may take. */
  analystLimits: { executionSeconds: number; memoryBytes: number; resultRows: number }
}

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
 */
export function usersXml(access: Access): string {
  for (const table of [...access.tenantTables, ...access.openTables]) requireTable(table)
  return element('clickhouse', [
    element('profiles', [...sessionProfiles(), analystProfile(access.analystLimits)]),
    element('quotas', [element('unlimited', [])]),
    element('users', [
      user('default', '', 'session', ['GRANT SYSTEM LISTEN ON *.*', 'GRANT SELECT ON system.numbers']),
      user(access.program.user, access.program.password, 'program', ['GRANT ALL ON *.*']),
      ...access.analysts.map((analyst) => analystXml(analyst, access)),
    ]),
  ])
}

function analystXml(analyst: Analyst, access: Access): string {
  const grants = [...access.tenantTables, ...access.openTables].map((table) => `GRANT SELECT ON ${table}`)
  // Without any grant line ClickHouse would give the user everything.
  if (grants.length === 0) grants.push('GRANT SELECT ON system.one')
  return user(analyst.user, analyst.password, 'analyst', grants, filters(analyst, access.tenantTables))
}

function filters(analyst: Analyst, tables: string[]): string {
  const databases = [...new Set(tables.map((table) => table.split('.')[0]!))]
  const filter = element('filter', [text(`tenant = '${analyst.tenant}'`)])
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

// clickhouse-local turns these on for everybody; a server does not, and the two must behave alike.
const LIKE_A_SERVER = { implicit_select: 0, allow_introspection_functions: 0, allow_python_table_function: 0 }

function sessionProfiles(): string[] {
  return [element('default', []), element('session', []), element('program', settings(LIKE_A_SERVER))]
}

function analystProfile(limits: Access['analystLimits']): string {
  const fixed = {
    ...LIKE_A_SERVER,
    allow_experimental_eval_table_function: 0,
    // One thread: small queries of the wall then keep their few ms beside a long one.
    max_threads: 1,
    max_memory_usage: limits.memoryBytes,
  }
  const bounded = { max_execution_time: limits.executionSeconds, max_result_rows: limits.resultRows }
  return element('analyst', [
    // 2 and not 1: a client may choose its output format, but neither write nor lift a limit.
    ...settings({ readonly: 2, ...fixed, ...bounded }),
    element('constraints', [
      ...Object.keys(fixed).map((name) => element(name, [element('readonly', [])])),
      ...Object.entries(bounded).map(([name, max]) => element(name, settings({ min: 1, max }))),
    ]),
  ])
}

const settings = (values: Record<string, number>) =>
  Object.entries(values).map(([name, value]) => element(name, [text(String(value))]))

function requireTable(table: string): void {
  if (!TABLE.test(table)) throw new RevwallError('ENGINE_BAD_NAME', `"${table}" is not database.table.`)
}
