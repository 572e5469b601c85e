/** Copies of a world's log and marks, to damage them and to put them back. */
import { cpSync, rmSync } from 'node:fs'
import type { World } from './world.ts'

export function keepLog(world: World, folder: string): Promise<void> {
  return world.changeLog(() => cpSync(world.logFolder, folder, { recursive: true }))
}

export function restoreLog(world: World, folder: string): Promise<void> {
  return world.changeLog(() => {
    rmSync(world.logFolder, { recursive: true })
    cpSync(folder, world.logFolder, { recursive: true })
  })
}

export async function keepMarks({ host, database }: World): Promise<void> {
  await host.warehouse.command(`CREATE TABLE ${database}.kept_marks AS ${database}.order_changes`)
  await host.warehouse.command(
    `INSERT INTO ${database}.kept_marks SELECT * FROM ${database}.order_changes WHERE sign = 0`,
  )
}

export async function restoreMarks(world: World): Promise<void> {
  const { host, database } = world
  await removeRows(world, 'sign = 0')
  await host.warehouse.command(`INSERT INTO ${database}.order_changes SELECT * FROM ${database}.kept_marks`)
  await host.warehouse.command(`DROP TABLE ${database}.kept_marks SYNC`)
}

export function removeRows({ host, database }: World, condition: string): Promise<void> {
  return host.warehouse.command(
    `ALTER TABLE ${database}.order_changes DELETE WHERE ${condition} SETTINGS mutations_sync = 2`,
  )
}

export async function countRows({ host, database }: World): Promise<string> {
  const [row] = await host.warehouse.query<{ n: string }>(
    `SELECT count() AS n FROM ${database}.order_changes`,
  )
  return row!.n
}
