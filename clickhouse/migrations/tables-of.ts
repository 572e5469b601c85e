import { CONTROL_DATABASE, type DatabaseNames, readMigrations, statementOf } from './read-migrations.ts'

export interface Tables {
  /** Tables with a tenant column. A row filter hides other tenants' rows, but `mergeTreeIndex()` shows their keys. */
  tenantTables: string[]
  /** Views and materialized views with a tenant column. A row filter hides all of the others'. */
  tenantViews: string[]
  otherTables: string[]
}

/**
 * The tables and views that the migrations create, out of their text: the engine needs the row filters before its first
 * start, when there is no table to ask. Where the text deceives, an analyst sees less or gets an error, never more:
 * what is not found is not granted, and a filter on a column that does not exist fails.
 */
export function tablesOf(names: DatabaseNames, folder?: string): Tables {
  const created = readMigrations(folder).flatMap((migration) => createdBy(statementOf(migration, names)))
  const control = `${names.controlDatabase ?? CONTROL_DATABASE}.migrations`
  const namesOf = (which: (table: Created) => boolean) => created.filter(which).map(({ name }) => name)
  return {
    tenantTables: namesOf((table) => table.hasTenant && !table.isView),
    tenantViews: namesOf((table) => table.hasTenant && table.isView),
    otherTables: [...namesOf((table) => !table.hasTenant), control],
  }
}

interface Created {
  name: string
  isView: boolean
  hasTenant: boolean
}

const CREATE =
  /^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(TABLE|VIEW|MATERIALIZED\s+VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+\.\w+)/i

function createdBy(statement: string): Created[] {
  const code = withoutProse(statement)
  const [, kind, name] = CREATE.exec(code) ?? []
  if (kind === undefined || name === undefined) return []
  return [{ name, isView: /view$/i.test(kind), hasTenant: /\btenant\b/.test(code) }]
}

// A comment may well speak of tenants. Backticks go too, so that quoted names are found.
function withoutProse(statement: string): string {
  return statement.replace(/'(?:[^'\\]|\\.|'')*'|--[^\n]*|\/\*[\s\S]*?\*\/|`/g, (match) =>
    match.startsWith("'") ? "''" : match === '`' ? '' : ' ',
  )
}
