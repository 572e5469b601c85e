import { expect, it } from 'vitest'
import type { WallsAnswer } from '../../../core/contracts/walls.ts'
import { axisOf, shownPages } from './pages.ts'

const layout = { title: 'Hall', tiles: [{ tile: 'hero' as const, w: 8, h: 9 }], axis: 'sale' as const }
const WALLS: WallsAnswer = {
  ...{ tenant: 't', isCurrent: true },
  walls: [{ name: 'hall', version: '1', ...layout }],
  playlists: [
    { name: 'tour', version: '1', walls: ['default', 'gone', 'hall'], seconds: 7 },
    { name: 'empty', version: '1', walls: ['gone'], seconds: 7 },
  ],
}
const shown = (search: string, walls: WallsAnswer | null = WALLS) => {
  const { pages, seconds, missing } = shownPages(new URLSearchParams(search), walls)
  return { names: pages.map(({ name }) => name), seconds, missing }
}

it('shows the wall that the address names, and the built-in one without a name', () => {
  expect(shown('')).toEqual({ names: ['default'], seconds: 0, missing: null })
  expect(shown('?wall=hall')).toEqual({ names: ['hall'], seconds: 0, missing: null })
  expect(shown('?wall=default')).toEqual(shown(''))
})

it('shows the built-in wall where the named one is not there, and says which', () => {
  expect(shown('?wall=gone')).toEqual({ names: ['default'], seconds: 0, missing: 'gone' })
  expect(shown('?wall=gone', null)).toEqual({ names: ['default'], seconds: 0, missing: null })
})

it('plays a list without the walls that were removed', () => {
  expect(shown('?tv&play=tour')).toEqual({ names: ['default', 'hall'], seconds: 7, missing: null })
  expect(shown('?play=empty')).toEqual({ names: ['default'], seconds: 0, missing: 'empty' })
  expect(shown('?play=none')).toEqual({ names: ['default'], seconds: 0, missing: 'none' })
})

it('takes the axis of the address, then of the wall', () => {
  const page = { name: 'hall', layout }
  const axis = (search: string, of = page as Parameters<typeof axisOf>[1]) =>
    axisOf(new URLSearchParams(search), of)
  expect([axis(''), axis('?axis=booked'), axis('', { name: 'default', layout: null })]).toEqual([
    ...['sale', 'booked', 'booked'],
  ])
})
