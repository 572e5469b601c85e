/** The settings of who may open the wall, and from where. Without users only this machine is answered. */
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { z } from 'zod'

export interface AccessConfig {
  /** Names, roles and hashed passwords; absolute. */
  usersFile: string
  /** The file was named: without it, or with nobody in it, nobody comes in. */
  usersWanted: boolean
  /** Where the page listens. */
  host: string
  /** Origins, such as https://wall.example.com, under which browsers open the page besides this machine's own names. */
  origins: string[]
  /** Addresses or networks whose X-Forwarded-For is believed. */
  trustedProxies: string[]
  metricsToken: string | undefined
}

export const ACCESS_VARIABLES = [
  {
    name: 'REVWALL_USERS',
    fallback: 'users.json of the data folder',
    meaning: 'file of users; with one, logins are wanted',
  },
  { name: 'REVWALL_HOST', fallback: '127.0.0.1', meaning: "the page's address; another one wants users" },
  {
    name: 'REVWALL_ORIGINS',
    fallback: 'this machine',
    meaning: 'where browsers find the page: https://wall.example.com, …',
  },
  {
    name: 'REVWALL_TRUSTED_PROXIES',
    fallback: 'none',
    meaning: 'addresses or networks whose X-Forwarded-For is believed',
  },
  {
    name: 'REVWALL_METRICS_TOKEN',
    fallback: 'this machine alone',
    meaning: 'bearer token of /metrics, where there are users',
  },
]

const listed = (text: string) => text.split(',').map((part) => part.trim())

const origin = z
  .string()
  .transform((text) => text.toLowerCase())
  .refine((text) => /^https?:/.test(text) && originOf(text) === text, {
    error: 'origins such as https://wall.example.com, with commas and no path',
  })
const network = z.string().refine((text) => {
  const [address = '', bits] = text.split('/')
  return isIP(address) > 0 && (bits === undefined || /^\d{1,3}$/.test(bits))
}, 'addresses or networks such as 10.0.0.0/8, with commas')

export const accessVariables = {
  REVWALL_USERS: z.string().optional(),
  REVWALL_HOST: z.union([z.ipv4(), z.ipv6()], { error: 'an IP address' }).default('127.0.0.1'),
  REVWALL_ORIGINS: z.string().transform(listed).pipe(z.array(origin).max(20)).default([]),
  REVWALL_TRUSTED_PROXIES: z.string().transform(listed).pipe(z.array(network).max(50)).default([]),
  REVWALL_METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,200}$/, '16 to 200 characters, no spaces')
    .optional(),
}

export function accessOf(v: z.output<z.ZodObject<typeof accessVariables>>, dataFolder: string): AccessConfig {
  return {
    usersFile: resolve(v.REVWALL_USERS ?? join(dataFolder, 'users.json')),
    usersWanted: v.REVWALL_USERS !== undefined,
    host: v.REVWALL_HOST,
    origins: v.REVWALL_ORIGINS,
    trustedProxies: v.REVWALL_TRUSTED_PROXIES,
    metricsToken: v.REVWALL_METRICS_TOKEN,
  }
}

function originOf(text: string): string | undefined {
  try {
    return new URL(text).origin
  } catch {
    // Not an address; the caller says so.
    return undefined
  }
}
