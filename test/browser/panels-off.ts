/** The year's panels where nothing is computed any more: each says so, and tells what there was. */
import { expect } from 'vitest'
import { onWall, type Year } from './explore-year.ts'

const PANELS: readonly [address: string, whatThereWas: string][] = [
  ['segments', 'tbody tr[data-segment]'],
  ['segments&tab=days', '[data-testid=segment-ends] tbody tr'],
  ['segments&tab=moves', '[data-testid=segment-matrix] tbody tr'],
  ['customers', 'tbody tr[data-customer]'],
  ['customers&tab=retention', '[data-testid=retention] tbody tr'],
  ['outlook', '[data-testid=outlook-chart] canvas'],
  ['anomalies', 'li[data-event]'],
]

export async function saysThatNothingIsComputed(year: Year): Promise<void> {
  for (const [panel, there] of PANELS)
    await onWall(
      year,
      async (page) => {
        const dialog = page.locator('dialog[open]')
        await dialog.locator(there).first().waitFor()
        // Where a panel is two lists, both say it.
        const said = dialog.getByText('Analytics are off on this server (REVWALL_ANALYTICS)')
        await said.first().waitFor()
        expect([panel, await said.count()]).toEqual([panel, panel === 'anomalies' ? 2 : 1])
        // It would seem that something is missing which is to come.
        expect(await dialog.getByText('being computed').count()).toBe(0)
        // What is proved is what is told, whoever computed it.
        await dialog.getByTestId('panel-proof').last().locator('summary').first().click()
        await dialog.locator('[data-claim][data-verdict=exact]').first().waitFor()
      },
      `?panel=${panel}`,
    )
  // The number of the day is the orders'; where it will end nobody says.
  await onWall(year, async (page) => {
    expect(await page.locator('[data-testid=pace][data-value]').count()).toBe(0)
  })
}
