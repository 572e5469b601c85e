/** What moves when an order comes, and what that costs: in a real browser, on the mock. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Mock, startMock } from '../../ui/mock/start-mock.ts'
import { openBrowser } from './open-browser.ts'
import { SCREENS } from './take-screenshots.ts'
import { openWall } from './wall-states.ts'

let browser: Browser
let mock: Mock
beforeAll(async () => {
  browser = await openBrowser()
  mock = await startMock()
  mock.show('live')
})
afterAll(async () => {
  await browser?.close()
  await mock?.close()
})

interface Moving {
  /** What is animated: no more than one thing for neighbouring digits that changed, and one for the list. */
  what: string
  properties: string[]
}

/** The first frame after the next order. */
async function movingBehindAnOrder(page: Page): Promise<Moving[]> {
  const before = await page.getByTestId('revenue').getAttribute('data-value')
  // As text: what is compiled for node knows no document.
  const moving = page.evaluate<Moving[]>(`new Promise((done) => {
    const shown = () => document.querySelector('[data-testid=revenue]').dataset.value
    const told = (one) => ({
      what: one.effect.target.closest('[data-tile]')?.dataset.tile + ' ' + one.effect.target.localName + (one.effect.pseudoElement ?? ''),
      properties: [...new Set(one.effect.getKeyframes().flatMap(Object.keys))].sort(),
    })
    const look = () => shown() === '${before}' ? requestAnimationFrame(look)
      : requestAnimationFrame(() => done(document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 0).map(told)))
    look()
  })`)
  mock.order()
  return moving
}

const ALWAYS = ['composite', 'computedOffset', 'easing', 'offset']

it('rolls the digits that changed and slides the list as one, by nothing but transforms', async () => {
  const page = await openWall(browser, mock, { size: SCREENS['1080p'], lang: 'en' })
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  const moving = await movingBehindAnOrder(page)
  // What else would be laid out, painted or put on a layer of its own in each frame.
  for (const one of moving) expect(one).toEqual({ ...one, properties: [...ALWAYS, 'transform'].sort() })
  expect(moving.filter(({ what }) => what.startsWith('latest'))).toHaveLength(1)
  const [was, is, runs] = await page.evaluate<[number, number, number]>(`(() => {
    const glyphs = [...document.querySelectorAll('[data-tile=hero] [data-was]')]
    const others = glyphs.filter((one) => one.dataset.was !== one.textContent)
    return [glyphs.length, others.length, new Set(glyphs.map((one) => one.parentElement)).size]
  })()`)
  console.log(`${moving.length} move, ${runs} of them ${was} digits of the hero`)
  expect(was).toBeGreaterThan(0)
  expect(is).toBe(was)
  expect(moving.filter(({ what }) => what === 'hero span')).toHaveLength(runs)
  await page.close()
})

it.each([
  { room: 'all that it wants', css: '[data-testid=revenue] .room { width: 100% }' },
  // Its type shrinks, and its line does not.
  { room: 'little', css: '[data-testid=revenue] .room { width: 200px }' },
])(
  'rolls from what the number was to what it is, then nothing of it is in sight: room $room',
  async ({ css }) => {
    const page = await openWall(browser, mock, { size: SCREENS['1080p'], lang: 'en' })
    await page.addStyleTag({ content: css })
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    const number = page.getByTestId('revenue')
    // From nothing to the first number nothing rolls.
    expect(await page.locator('[data-was]').count()).toBe(0)
    const was = await number.screenshot()
    const stopped = page.evaluate(`new Promise((done) => {
    const look = () => {
      const rolling = document.getAnimations().filter((one) => one.animationName !== undefined && one.effect.target.querySelector('[data-was]'))
      if (rolling.length === 0) return requestAnimationFrame(look)
      window.rolling = rolling
      for (const one of rolling) { one.pause(); one.currentTime = 0 }
      done()
    }
    look()
  })`)
    mock.order()
    await stopped
    expect((await number.screenshot()).equals(was)).toBe(true)
    await page.evaluate(`window.rolling.forEach((one) => one.finish())`)
    const is = await number.screenshot()
    expect(is.equals(was)).toBe(false)
    await page.evaluate(
      `document.querySelectorAll('[data-was]').forEach((one) => one.removeAttribute('data-was'))`,
    )
    expect((await number.screenshot()).equals(is)).toBe(true)
    await page.close()
  },
)

it('draws the chart into the canvas that is there, order by order', async () => {
  const page = await openWall(browser, mock, { size: SCREENS['1080p'], lang: 'en' })
  const pixels = () => page.evaluate<string>(`document.querySelector('[data-tile=hero] canvas').toDataURL()`)
  await page.evaluate(`document.querySelector('[data-tile=hero] canvas').isFirst = true`)
  const before = await pixels()
  for (let order = 0; order < 3; order++) await movingBehindAnOrder(page)
  await expect.poll(pixels).not.toBe(before)
  expect(await page.evaluate(`document.querySelector('[data-tile=hero] canvas').isFirst`)).toBe(true)
  await page.close()
})
