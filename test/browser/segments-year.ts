/** The year's customers divided in every way, by day and as they moved: as ClickHouse has it. */
import { expect } from 'vitest'
import { ruleSegmentSql } from '../../clickhouse/queries/segment-sql.ts'
import { sumToE4 } from '../../core/contracts/money.ts'
import { cellOf } from '../../core/segments/cells.ts'
import { SEGMENT_CHOICES, SEGMENT_MODES, segmentOf } from '../../core/segments/segment-modes.ts'
import { runningWarehouse } from '../cli/running-warehouse.ts'
import { waitUntil } from '../cli/wait-until.ts'
import type { StoredYear } from './customers-year.ts'
import { onWall } from './explore-year.ts'

const CUSTOMERS = 'revwall_r1.customer_segments'
/** The replay stands at the end of the last day of the file. */
const TODAY = '2011-12-09'

/** Chosen on the page, kept in the address; what it says is what ClickHouse's rows come to, divided here. */
export async function dividesCustomers(year: StoredYear): Promise<void> {
  const warehouse = runningWarehouse(year.folder)
  const cells = await warehouse.query<{ recency: number; frequency: number; monetary: number; n: string }>(
    `SELECT recency, frequency, monetary, count() AS n FROM ${CUSTOMERS} FINAL WHERE recency > 0
     GROUP BY recency, frequency, monetary`,
  )
  const byRules = await warehouse.query<{ segment: string; n: string }>(
    `SELECT ${ruleSegmentSql(1, TODAY)} AS segment, count() AS n FROM ${CUSTOMERS} FINAL WHERE orders > 0 GROUP BY segment`,
  )
  await warehouse.close()
  await onWall(year, async (page) => {
    await page.keyboard.press('c')
    const panel = page.getByTestId('segments')
    for (const mode of SEGMENT_CHOICES) {
      const wanted: Record<string, number> = {}
      if (mode === 'rules') for (const { segment, n } of byRules) wanted[segment] = Number(n)
      else
        for (const { recency, frequency, monetary, n } of cells) {
          const { segments } = SEGMENT_MODES[mode]
          const { id } = segments[segmentOf(SEGMENT_MODES[mode], cellOf(recency, frequency, monetary))]!
          wanted[id] = (wanted[id] ?? 0) + Number(n)
        }
      await panel.getByTestId('segments-mode').selectOption(mode)
      const table = panel.locator(`table[data-mode="${mode}"]`)
      await table.waitFor()
      const shown = await table
        .locator('tbody tr')
        .evaluateAll((all) =>
          all.map(({ dataset }) => [dataset.segment!, Number(dataset.customers)] as const),
        )
      const told = Object.fromEntries(shown.filter(([, customers]) => customers > 0))
      console.log(
        `segments by ${mode}: ${Object.entries(told)
          .map((one) => one.join(' '))
          .join(', ')}`,
      )
      expect(told).toEqual(wanted)
      // The live one is nothing that an address has to say.
      expect(new URL(page.url()).searchParams.get('mode')).toBe(mode === 'default' ? null : mode)
    }
    await panel.locator('details summary').click()
    await panel.locator('[data-claim][data-verdict=exact]').nth(1).waitFor()
    expect(await panel.getByTestId('sql').last().innerText()).toMatch(/^CREATE FUNCTION .*revwall_segment_v1/)
    await page.reload()
    await panel.locator('table[data-mode=rules] tbody tr').first().waitFor()
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    expect(page.url()).not.toContain('mode=')
  })
}

export async function showsSegmentDays(year: StoredYear): Promise<void> {
  const warehouse = runningWarehouse(year.folder)
  await onWall(
    year,
    async (page) => {
      const panel = page.getByTestId('segments')
      const shown = () =>
        panel
          .getByTestId('segment-ends')
          .locator('tbody tr')
          .evaluateAll((all) => all.map(({ dataset }) => `${dataset.segment} ${dataset.value}`))
      // The last day is written once a minute, and again after the year was loaded.
      await waitUntil('the last day', 90_000, async () => {
        const rows = await warehouse.query<{ segment: string; customers: number }>(
          `SELECT segment, customers FROM revwall_r1.segment_days FINAL WHERE day = '${TODAY}'`,
        )
        const wanted = rows.map(({ segment, customers }) => `${segment} ${customers}`).sort()
        return wanted.length === 11 && JSON.stringify((await shown()).sort()) === JSON.stringify(wanted)
      })
      // One area for each of them, one on the other.
      const areas = panel.getByTestId('segment-stack').locator('path[data-segment]')
      expect(await areas.count()).toBe(11)
      const heights = await areas.evaluateAll((all) => all.map((path) => path.getBoundingClientRect().height))
      expect(Math.max(...heights)).toBeGreaterThan(20)
      await panel.getByTestId('segments-mode').selectOption('shopify')
      await panel.locator('[data-absence=mode]').waitFor()
      await panel.getByTestId('segments-mode').selectOption('default')
      await panel.locator('[data-measure=revenue]').click()
      await waitUntil('its address', 5_000, async () => page.url().includes('measure=revenue'))
      await panel.getByTestId('segment-ends').waitFor()
      const [sum] = await warehouse.query<{ revenue: string }>(
        `SELECT sum(d.revenue) AS revenue FROM revwall_r1.segment_days AS d FINAL WHERE day = '${TODAY}'`,
      )
      const revenues = (await shown()).map((line) => sumToE4(line.split(' ')[1]!))
      expect(revenues.reduce((all, one) => all + one, 0n)).toBe(sumToE4(sum!.revenue))
    },
    '?panel=segments&tab=days&span=7',
  )
  await warehouse.close()
}

/** The matrix adds up to what is stored; the last moves name nobody on a stream. */
export async function showsMoves(year: StoredYear): Promise<void> {
  const warehouse = runningWarehouse(year.folder)
  const since = (days: number) =>
    warehouse.query<{ came_from: string; segment: string; n: number }>(
      `SELECT came_from, segment, toUInt32(count()) AS n FROM revwall_r1.segment_moves FINAL
       WHERE day > toDate('${TODAY}') - ${days} AND day <= '${TODAY}' GROUP BY came_from, segment`,
    )
  await onWall(
    year,
    async (page) => {
      const panel = page.getByTestId('segments')
      const matrix = panel.getByTestId('segment-matrix')
      const shown = () =>
        matrix.locator('td[data-customers]').evaluateAll((all) =>
          all
            .filter(({ dataset }) => dataset.customers !== '0')
            .map(({ dataset: { from = '', to = '', customers } }) => `${from} > ${to} ${customers}`)
            .sort(),
        )
      const wanted = (await since(90)).map(({ came_from, segment, n }) => `${came_from} > ${segment} ${n}`)
      await waitUntil('the moves of 90 days', 60_000, async () => {
        return JSON.stringify(await shown()) === JSON.stringify(wanted.sort())
      })
      console.log(`moves of 90 days: ${wanted.length} cells`)
      expect(wanted.length).toBeGreaterThan(10)
      const moves = panel.getByTestId('last-moves').locator('li')
      await moves.first().waitFor()
      const [last] = await warehouse.query<{ customer: string }>(
        'SELECT customer FROM revwall_r1.segment_moves FINAL ORDER BY at DESC, customer, revision DESC LIMIT 1',
      )
      expect(await moves.first().getAttribute('data-customer')).toBe(last!.customer)
      await page.keyboard.press('h')
      await waitUntil('nobody', 5_000, async () => (await moves.first().innerText()).includes('•••'))
      expect(await moves.evaluateAll((all) => all.filter(({ dataset }) => dataset.customer))).toEqual([])
      expect(await moves.first().innerText()).not.toContain(last!.customer)
      await page.keyboard.press('h')
    },
    '?panel=segments&tab=moves&span=90',
  )
  await warehouse.close()
}
