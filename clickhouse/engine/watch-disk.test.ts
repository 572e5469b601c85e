import { expect, test } from 'vitest'
import { canSkipSmallDisks, mountSmallDisk } from '../../test/campaign/processes/small-disk.ts'
import { startTestEngine } from '../../test/with-engine.ts'
import { KEPT_FREE_BYTES } from './watch-disk.ts'

const TRIES = 40
const ROWS = 100_000
/** For the merge, which reserves it. */
const ROOM_BYTES = 24 * 2 ** 20

test.skipIf(canSkipSmallDisks())(
  'a merge that met the last byte of the disk is taken back, and all rows are there',
  async () => {
    const disk = mountSmallDisk('watch-disk')!
    const db = await startTestEngine({ folder: disk.path })
    const { warehouse, engine } = db
    const sumOf = async (table: string) => {
      const [row] = await warehouse.query<{ total: string }>(`SELECT sum(length(s)) AS total FROM ${table}`)
      return Number(row!.total)
    }
    try {
      let damaged: string | undefined
      const lives: string[] = []
      engine.on('up', (life) => lives.push(life))
      for (let n = 0; n < TRIES && damaged === undefined; n++) {
        const table = `merged_${n}`
        await warehouse.command(`CREATE TABLE ${table} (n UInt64, s String) ENGINE = MergeTree ORDER BY n`)
        for (const odd of [0, 1])
          await warehouse.command(
            `INSERT INTO ${table} SELECT number * 2 + ${odd}, randomPrintableASCII(20) FROM numbers(${ROWS})`,
          )
        disk.fill(KEPT_FREE_BYTES + ROOM_BYTES)
        const merging = warehouse.command(`OPTIMIZE TABLE ${table} FINAL`).catch(() => {})
        await new Promise((resolve) => setTimeout(resolve, 5 * (n % 10)))
        disk.fill()
        await merging
        damaged = await sumOf(table).then(
          () => undefined,
          () => table,
        )
        if (damaged === undefined) {
          disk.free()
          await warehouse.command(`DROP TABLE ${table} SYNC`)
        }
      }
      expect(damaged, 'no merge met the last byte').toBeDefined()
      // There is no room to start in yet.
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      expect(lives).toEqual([])
      disk.free()
      await expect.poll(() => lives.length, { timeout: 20_000 }).toBe(1)
      expect(await sumOf(damaged!)).toBe(2 * ROWS * 20)
      // Once is enough.
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      expect(lives).toHaveLength(1)
    } finally {
      await warehouse.close()
      await engine.stop()
      disk.remove()
    }
  },
)
