import { expect, it } from 'vitest'
import { readPlace, writePlace } from './read-place.ts'

it('reads what the address says, and nothing where it says nothing', () => {
  expect(readPlace('')).toEqual({ axis: 'booked', panel: null, tv: false, hidden: false, night: null })
  expect(readPlace('?axis=sale&panel=proof-orders&tv&hide&dim=22-6')).toEqual({
    ...{ axis: 'sale', panel: 'proof-orders', tv: true, hidden: true },
    night: { fromHour: 22, toHour: 6 },
  })
  expect(readPlace('?axis=other&panel=&dim=dark')).toEqual(readPlace(''))
})

it('writes a change and keeps the rest', () => {
  expect(writePlace('?tenant=zebra&axis=sale', { axis: 'booked' })).toBe('?tenant=zebra')
  expect(writePlace('?tv=&tenant=zebra', { panel: 'keys' })).toBe('?tv&tenant=zebra&panel=keys')
  expect(writePlace('', { tv: true })).toBe('?tv')
  expect(writePlace('?tv', { tv: false })).toBe('')
  expect(writePlace('?tv', { hidden: true })).toBe('?tv&hide')
  expect(writePlace('?hide&q=a', { hidden: false, more: { q: null, day: '2011-11-16' } })).toBe(
    '?day=2011-11-16',
  )
  expect(readPlace(writePlace('?lang=pt-BR', { axis: 'sale', panel: 'segments', tv: true }))).toMatchObject({
    ...{ axis: 'sale', panel: 'segments', tv: true },
  })
})
