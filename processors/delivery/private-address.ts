/** Addresses that no stranger's endpoint may lead us to: this machine, private networks, and all that is no place at all. */
import { BlockList, isIPv6 } from 'node:net'

// Two lists: in one, every IPv4 address would be in the IPv6 network that maps them.
const blocked4 = new BlockList()
const blocked6 = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  blocked4.addSubnet(network, bits, 'ipv4')
// What is global today is 2000::/3; in it what only wraps another address, or is for books.
for (const [network, bits] of [
  ['::', 3],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['4000::', 2],
  ['8000::', 1],
] as const)
  blocked6.addSubnet(network, bits, 'ipv6')

/** Of an address as DNS and URLs have it, without brackets. */
export function isPrivateAddress(address: string): boolean {
  return isIPv6(address) ? blocked6.check(address, 'ipv6') : blocked4.check(address, 'ipv4')
}
