/** The year's customers by what each may bring, and who of them came again: as ClickHouse has it. */
import { expect } from 'vitest'
import { runningWarehouse } from '../cli/running-warehouse.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { onWall, type Year } from './explore-year.ts'

export interface StoredYear extends Year {
  /** Where its server runs. */
  folder: string
}

const VALUES = 'revwall_r1.customer_values'

/** Paged, sorted and filtered by the server; only what is in sight is in the page; the address has what is chosen. */
export async function listsCustomers(year: StoredYear): Promise<void> {
  const warehouse = runningWarehouse(year.folder)
  await onWall(year, async (page) => {
    await page.keyboard.press('k')
    const panel = page.getByTestId('customers')
    const note = panel.getByTestId('model-note')
    // Fitted by now, or soon: once the year is loaded and its now stands still. One of an earlier day may be there first.
    const isLast = async () => (await note.getAttribute('data-cut-off', { timeout: 20_000 })) === '2011-12-08'
    await waitUntil('the fit of the last day', 240_000, isLast)
    const rows = panel.locator('tbody tr[data-customer]')
    const shown = () =>
      rows.evaluateAll((all) => all.map(({ dataset }) => `${dataset.customer} ${Number(dataset.value)}`))
    const wanted = await warehouse.query<{ customer: string; value: string }>(
      `SELECT customer, value_12m AS value FROM ${VALUES} FINAL ORDER BY value DESC, customer LIMIT 10`,
    )
    expect((await shown()).slice(0, 10)).toEqual(
      wanted.map(({ customer, value }) => `${customer} ${Number(value)}`),
    )
    const [model] = await warehouse.query<{ r: number; likelihood: number; customers: string }>(
      `SELECT r, log_likelihood AS likelihood, customers FROM revwall_r1.value_models FINAL ORDER BY revision DESC LIMIT 1`,
    )
    await panel.getByTestId('model').locator('summary').click()
    const told = await panel.getByTestId('bg-nbd').innerText()
    expect(told).toMatch(new RegExp(`^r ${model!.r.toFixed(4).replace(/0+$/, '')} · α`))
    console.log(`customers: ${model!.customers} fitted, ${told}, log-likelihood ${model!.likelihood}`)

    // What they are expected to bring is reckoned again, by SQL, from all their orders.
    const proof = panel.getByTestId('panel-proof')
    await proof.locator('summary').click()
    for (const claim of ['fitted', 'expected-orders', 'expected-value'])
      await proof.locator(`[data-claim=${claim}][data-verdict=exact]`).waitFor()
    console.log(
      `expected of all: ${await proof.locator('[data-claim=expected-value] [data-testid=from-base]').innerText()}`,
    )
    await proof.locator('summary').first().click()

    // To the last one by key, page after page.
    const total = Number(await panel.getByTestId('customers-total').getAttribute('data-value'))
    expect(total).toBeGreaterThan(4_000)
    expect(await panel.locator('table[aria-rowcount]').getAttribute('aria-rowcount')).toBe(String(total + 1))
    await rows.first().getByRole('button').focus()
    const lastShown = () => rows.last().getAttribute('aria-rowindex')
    await waitUntil('the last customer', 120_000, async () => {
      await page.keyboard.press('End')
      return (await lastShown()) === String(total + 1)
    })
    expect(await rows.count()).toBeLessThan(60)
    await page.keyboard.press('End')
    await rows.last().locator('button:focus').waitFor()
    await page.keyboard.press('Home')
    await waitUntil(
      'the first one again',
      10_000,
      async () => (await shown())[0]?.startsWith(wanted[0]!.customer) === true,
    )

    await panel.locator('[data-sort=revenue]').click()
    await panel.getByTestId('customers-segment').selectOption('lost')
    const [lost] = await warehouse.query<{ customers: string; first: string }>(
      `SELECT count() AS customers, argMax(customer, c.revenue) AS first
       FROM revwall_r1.customer_segments AS c FINAL WHERE segment = 'lost'`,
    )
    const isLost = () =>
      waitUntil('the lost ones by revenue', 20_000, async () => {
        const count = await panel.getByTestId('customers-total').getAttribute('data-value')
        return count === lost!.customers && (await shown())[0]?.split(' ')[0] === lost!.first
      })
    await isLost()
    await page.reload()
    await isLost()
    expect(new URL(page.url()).searchParams.get('sort')).toBe('revenue')
    await rows.first().getByRole('button').click()
    await page.getByTestId('explore').locator('[data-filter=customer]').waitFor()
    expect(page.url()).not.toContain('segment=')
  })
  await warehouse.close()
}

/** Each cell is counted in ClickHouse from the base table; by key and by address. */
export async function showsRetention(year: StoredYear): Promise<void> {
  const warehouse = runningWarehouse(year.folder)
  const counted = await warehouse.query<{ began: string; after: number; customers: string }>(
    `WITH bought AS (
       SELECT customer, toStartOfMonth(sale_day) AS month
       FROM revwall_r1.order_changes WHERE sign != 0 AND customer != ''
       GROUP BY customer, month HAVING sum(sign * counts * (kind = 'sale')) > 0
     ), first AS (SELECT customer, min(month) AS cohort FROM bought GROUP BY customer)
     SELECT formatDateTime(cohort, '%Y-%m') AS began, dateDiff('month', cohort, bought.month) AS after, count() AS customers
     FROM bought JOIN first USING (customer) GROUP BY cohort, bought.month`,
  )
  await warehouse.close()
  await onWall(
    year,
    async (page) => {
      const table = page.getByTestId('customers').getByTestId('retention')
      await table.locator('tbody tr').first().waitFor()
      const shown = await table
        .locator('td[data-after]')
        .evaluateAll((all) =>
          all.map(({ dataset: { month, after, customers } }) => `${month} ${after} ${customers}`),
        )
      expect(shown.filter((cell) => !cell.endsWith(' 0')).sort()).toEqual(
        counted.map(({ began, after, customers }) => `${began} ${after} ${customers}`).sort(),
      )
      await page.getByTestId('panel-proof').locator('summary').click()
      const proved = page.locator('[data-claim][data-verdict=exact] [data-testid=from-base]')
      await proved.nth(1).waitFor()
      const all = counted.reduce((sum, { customers }) => sum + Number(customers), 0)
      expect(await proved.first().getAttribute('data-value')).toBe(String(all))
      await page.locator('[data-measure=revenue]').click()
      await waitUntil('its address', 5_000, async () => page.url().includes('measure=revenue'))
      await page.keyboard.press('Escape')
      await table.waitFor({ state: 'detached' })
      expect(page.url()).not.toMatch(/tab=|measure=/)
    },
    '?panel=customers&tab=retention',
  )
}
