/** Who may open a wall, on the wire: what the page asks for and is told of logins, screens and shares. */
import { z } from 'zod'
import { text } from './wire.ts'

/** Each may what those before it may: read; also pair screens, acknowledge and silence alerts; also end screens, and share. */
export const ROLES = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Bounds of what people type. */
export const MAX_NAME_CHARS = 60
export const MAX_PASSWORD_CHARS = 200
export const MAX_SHARE_DAYS = 90
export const DEFAULT_SHARE_DAYS = 7

/** A user's name, as it is typed. */
export const userName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._@-]{0,59}$/, 'lower-case letters, digits and . _ @ -, at most 60')
/** What a screen or a share is called. */
export const givenName = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NAME_CHARS)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'no control characters')

/** `local`: no users are configured, and whoever is on the machine looks at it. */
export const me = z.object({
  kind: z.enum(['local', 'user', 'screen', 'share']),
  subject: text,
  role: z.enum(ROLES),
  /** The tenant that is shown, and all that may be chosen by `?tenant=`. */
  tenant: text,
  tenants: z.array(z.object({ id: text, name: text })),
})
export type Me = z.infer<typeof me>

/** A TV that waits asks again and again; approved, it has its cookie. */
export const pairingState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('waiting'), code: text, expiresAt: text }),
  z.object({ state: z.literal('approved') }),
])
export type PairingState = z.infer<typeof pairingState>

/** `seenAt`: null when it never was; to the minute. */
export const screen = z.object({
  id: text,
  name: text,
  approvedBy: text,
  createdAt: text,
  seenAt: text.nullable(),
  /** From where the code was asked for. */
  address: text,
})
export type Screen = z.infer<typeof screen>

export const share = z.object({
  id: text,
  name: text,
  createdBy: text,
  createdAt: text,
  expiresAt: text,
  seenAt: text.nullable(),
})
export type Share = z.infer<typeof share>
