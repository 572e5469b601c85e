/**
 * A chunk of old rows gets into a view's table in two steps, so that it can be done again at any point: it is grouped into
 * a table beside it, which may be emptied and filled anew, and its parts are then moved. A move that is repeated finds
 * nothing to move. Each attempt has a table of its own, so that one that was given up cannot move another's rows.
 */
import type { Warehouse } from '../warehouse.ts'

export const stagingOf = (name: string, attempt: string) => `${name}_filling_${attempt}`

export async function makeStaging(
  warehouse: Warehouse,
  database: string,
  name: string,
  attempt: string,
): Promise<void> {
  const staging = `${database}.${stagingOf(name, attempt)}`
  await warehouse.command(`CREATE TABLE IF NOT EXISTS ${staging} AS ${database}.${name}`)
}

/** All of it that is still there goes to the view's table. */
export async function moveStaged(
  warehouse: Warehouse,
  database: string,
  name: string,
  attempt: string,
): Promise<void> {
  const staging = stagingOf(name, attempt)
  const partitions = await warehouse.query<{ partition_id: string }>(
    `SELECT DISTINCT partition_id FROM system.parts
     WHERE database = {database:String} AND table = {staging:String} AND active ORDER BY partition_id`,
    { params: { database, staging } },
  )
  for (const { partition_id } of partitions)
    await warehouse.command(
      `ALTER TABLE ${database}.${staging} MOVE PARTITION ID '${partition_id}' TO TABLE ${database}.${name}`,
    )
}

/** Of all attempts but this one. */
export async function dropStaging(
  warehouse: Warehouse,
  database: string,
  name: string,
  except = '',
): Promise<void> {
  const tables = await warehouse.query<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = {database:String} AND startsWith(name, {prefix:String})
       AND name != {except:String}`,
    { params: { database, prefix: stagingOf(name, ''), except: stagingOf(name, except) } },
  )
  for (const table of tables) await warehouse.command(`DROP TABLE IF EXISTS ${database}.${table.name} SYNC`)
}
