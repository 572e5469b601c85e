import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { drawWorld } from '../../../world/draw-world.ts'
import { codeOfCountry } from './country-code.ts'
import { worldShares } from './world-shares.ts'

const KEPT = JSON.parse(readFileSync(new URL('./countries.json', import.meta.url), 'utf8'))

it('keeps what its script draws: whole countries, none torn apart by the edge', () => {
  expect(drawWorld()).toEqual(KEPT)
  const rings = Object.values<string>(KEPT.countries).flatMap((path) => path.split('M').slice(1))
  const steps = rings.flatMap((ring) =>
    [...ring.matchAll(/-?\d+/g)].slice(2).map(([step]) => Math.abs(Number(step))),
  )
  expect(Math.max(...steps)).toBeLessThan(80)
  expect(Object.keys(KEPT.countries).filter((code) => !/^[A-Z]{2}$/.test(code))).toEqual([
    '~N. Cyprus',
    '~Somaliland',
  ])
})

it('knows a country by its code and by names in both languages, and takes nothing else for one', () => {
  const same = ['BR', 'br', 'Brazil', 'Brasil', ' BRAZIL ']
  expect(same.map(codeOfCountry)).toEqual(same.map(() => 'BR'))
  const others = [
    'United Kingdom',
    'UK',
    'Reino Unido',
    'EIRE',
    'RSA',
    'Czech Republic',
    'Côte d’Ivoire',
    'USA',
    'Türkiye',
  ]
  expect(others.map(codeOfCountry)).toEqual(['GB', 'GB', 'GB', 'IE', 'ZA', 'CZ', 'CI', 'US', 'TR'])
  for (const text of ['', 'European Community', 'Unspecified', '__proto__', 'XX', 'constructor'])
    expect(codeOfCountry(text)).toBeUndefined()
})

it('sums names of one country, and says what no map has; nothing is lost between them', () => {
  const values = [
    { value: 'United Kingdom', revenue: '300' },
    { value: 'France', revenue: '100' },
    { value: 'UK', revenue: '100' },
    { value: 'European Community', revenue: '7.5' },
    { value: 'Italy', revenue: '-20' },
    { value: '', revenue: '2' },
  ]
  const { countries, elsewhere } = worldShares({ currency: 'GBP', values }, new Set(['GB', 'FR', 'IT']))
  expect([...countries]).toEqual([
    ['GB', { name: 'United Kingdom', revenue: '400.0000', share: 1 }],
    ['FR', { name: 'France', revenue: '100.0000', share: 0.5 }],
    ['IT', { name: 'Italy', revenue: '-20.0000', share: 0 }],
  ])
  expect(elsewhere).toEqual({ names: ['European Community', ''], revenue: '9.5000' })
})
