import { expect, test } from 'vitest'
import { hashPassword, isPasswordHash, verifyPassword } from './hash-password.ts'

test('knows the password again and no other, with another salt each time', async () => {
  const [one, two] = [await hashPassword('grün-im-Garten'), await hashPassword('grün-im-Garten')]
  expect(one).not.toBe(two)
  expect(one).toMatch(/^scrypt\$32768\$8\$3\$/)
  expect(await verifyPassword('grün-im-Garten', one)).toBe(true)
  // The same letters as another keyboard composes them.
  expect(await verifyPassword('gru\u0308n-im-Garten', one)).toBe(true)
  expect(await verifyPassword('grün-im-garten', one)).toBe(false)
  expect(await verifyPassword('', one)).toBe(false)
})

test('is as busy with a name that is not there, and lets nobody in by it', async () => {
  const hash = await hashPassword('correct horse')
  const timed = async (stored: string | undefined) => {
    const since = performance.now()
    expect(await verifyPassword('wrong horse', stored)).toBe(false)
    return performance.now() - since
  }
  const [known, unknown] = [await timed(hash), await timed(undefined)]
  expect(unknown).toBeGreaterThan(known / 4)
})

test('a flood waits in line, and what is beyond it is refused', async () => {
  const cheap = `scrypt$2$1$1$${'A'.repeat(22)}$${'A'.repeat(43)}`
  const tries = await Promise.allSettled(Array.from({ length: 24 }, () => verifyPassword('x', cheap)))
  const refused = tries.filter((tried) => tried.status === 'rejected')
  expect(refused.map(({ reason }) => reason.code)).toEqual(Array.from({ length: 8 }, () => 'BUSY'))
})

test.each([
  '',
  'plain text',
  'scrypt$32768$8$3$salt$key',
  // 1 GB, and no power of two.
  `scrypt$1048576$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
  `scrypt$30000$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`,
])('%j is no hash', async (text) => {
  expect(isPasswordHash(text)).toBe(false)
  expect(await verifyPassword('', text)).toBe(false)
})
