import { expect, test } from 'vitest'
import { nextPath } from './next-path.ts'

const of = (next: string) => nextPath(`?next=${encodeURIComponent(next)}`, 'https://wall.example')

test('goes back to where one came from, on this server', () => {
  expect(of('/?axis=sale&tenant=acme')).toBe('/?axis=sale&tenant=acme')
  expect(nextPath('', 'https://wall.example')).toBe('/')
})

test.each([
  ...[
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'javascript:alert(1)',
  ],
  ...['/\t/evil.example', 'http:evil', '', 'https://wall.example.evil'],
])('%j leads nowhere else', (next) => {
  expect(new URL(of(next), 'https://wall.example').origin).toBe('https://wall.example')
  expect(of(next)).not.toContain('evil.example/')
})
