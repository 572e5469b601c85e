import { describe, expect, it } from 'vitest'
import { createWheels, type Run } from './rolling-runs.ts'

/** `[3>4]`: rolled from 3 to 4. */
const told = (runs: readonly Run[]) =>
  runs.map(({ glyphs, was }) => (was ? `[${was.join('')}>${glyphs.join('')}]` : glyphs.join(''))).join('')

function tell(...texts: string[]): string {
  const wheels = createWheels()
  return texts.map((text) => told(wheels(text))).at(-1)!
}

describe('runs of a number', () => {
  it('stands still at first, and where nothing changed', () => {
    expect(tell('1,234')).toBe('1,234')
    expect(tell('—', '1,234')).toBe('1,234')
    expect(tell('1,234', '—')).toBe('—')
  })

  it('rolls what changed, neighbours as one, and nothing between them', () => {
    expect(tell('1,234', '1,235')).toBe('1,23[4>5]')
    expect(tell('1,234', '1,301')).toBe('1,[234>301]')
    expect(tell('1,234', '2,239')).toBe('[1>2],23[4>9]')
  })

  it('counts places from the right when it grows or shrinks', () => {
    expect(tell('99,999', '100,001')).toBe('1[99>00],[999>001]')
    expect(tell('100,000', '99,999')).toBe('[00>99],[000>999]')
  })

  it('leaves a run alone that moves while another one begins', () => {
    const wheels = createWheels()
    wheels('1,234')
    const first = wheels('1,235').at(-1)
    const next = wheels('2,235')
    expect(told(next)).toBe('[1>2],23[4>5]')
    expect(next.at(-1)).toEqual(first)
  })

  it('lets what is left of a run stand still when a part of it goes on', () => {
    expect(tell('1,234', '1,345', '1,346')).toBe('1,34[5>6]')
  })

  it('rolls a digit anew that changes again', () => {
    const wheels = createWheels()
    wheels('1,234')
    const first = wheels('1,235').at(-1)!
    const second = wheels('1,236').at(-1)!
    expect(second).toEqual({ ...second, was: ['5'], glyphs: ['6'] })
    expect(second.key).not.toBe(first.key)
  })

  it('says the same when it is asked again', () => {
    const wheels = createWheels()
    wheels('1,234')
    expect(wheels('1,239')).toBe(wheels('1,239'))
  })

  it('tells every number whole, with one key for each run', () => {
    const wheels = createWheels()
    let random = 7
    for (let round = 0; round < 2_000; round++) {
      random = (random * 48_271) % 2_147_483_647
      const text = (random % (round % 3 === 0 ? 10_000_000 : 2_000)).toLocaleString('en')
      const runs = wheels(text)
      expect(runs.flatMap(({ glyphs }) => glyphs).join('')).toBe(text)
      expect(new Set(runs.map(({ key }) => key)).size).toBe(runs.length)
      for (const { glyphs, was } of runs)
        if (was !== undefined) expect(was.join('')).toMatch(RegExp(`^\\d{${glyphs.length}}$`))
    }
  })
})
