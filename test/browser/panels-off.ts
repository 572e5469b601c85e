/** The year's panels where nothing is computed any more: each says so, and tells what there was. */
import { expect } from 'vitest'
import { waitUntil } from '../cli/wait-until.ts'
import { onWall, type Year } from './explore-year.ts'

/** `told`: how often it is said. Retention is read from the views alone, and anomalies are two lists. */
const PANELS: readonly [address: string, whatThereWas: string, told: number][] = [
  ['segments', 'tbody tr[data-segment]', 1],
  ['segments&tab=days', '[data-testid=segment-ends] tbody tr', 1],
  ['segments&tab=moves', '[data-testid=segment-matrix] tbody tr', 1],
  ['customers', 'tbody tr[data-customer]', 1],
  ['customers&tab=retention', '[data-testid=retention] tbody tr', 0],
  ['outlook', '[data-testid=outlook-chart] canvas', 1],
  ['anomalies', 'li[data-event]', 2],
]

export async function saysThatNothingIsComputed(year: Year): Promise<void> {
  for (const [panel, there, told] of PANELS)
    await onWall(
      year,
      async (page) => {
        const dialog = page.locator('dialog[open]')
        await dialog.locator(there).first().waitFor()
        // What is proved is what is told, whoever computed it.
        await dialog.getByTestId('panel-proof').last().locator('summary').first().click()
        const exact = dialog.locator('[data-claim][data-verdict=exact]')
        await waitUntil(`proof of ${panel}`, 30_000, async () => (await exact.count()) > 0)
        const said = dialog.getByText('Analytics are off on this server (REVWALL_ANALYTICS)')
        expect([panel, await said.count()]).toEqual([panel, told])
        // It would seem that something is missing which is to come.
        expect(await dialog.getByText('being computed').count()).toBe(0)
      },
      `?panel=${panel}`,
    )
  // The number of the day is the orders'; where it will end nobody says.
  await onWall(year, async (page) => {
    expect(await page.locator('[data-testid=pace][data-value]').count()).toBe(0)
  })
}
