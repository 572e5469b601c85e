/**
 * Draws the pictures of test/browser/shots anew, to be looked at and kept with the change that they show:
 *   npm run build && node --import tsx test/browser/keep-shots.ts
 */
import { join } from 'node:path'
import { startMock } from '../../ui/mock/start-mock.ts'
import { ROOT } from '../cli/revwall-process.ts'
import { openBrowser } from './open-browser.ts'
import { takeShots } from './take-shots.ts'

const browser = await openBrowser()
const mock = await startMock()
for (const { path, overflow } of await takeShots(browser, mock, join(ROOT, 'test/browser/shots')))
  console.log(`${path}${overflow > 0 ? `: ${overflow} px too large` : ''}`)
await browser.close()
await mock.close()
