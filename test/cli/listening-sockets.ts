/** Addresses that processes listen on, as the kernel tells them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const LISTEN = '0A'

/** `127.0.0.1:4680` for IPv4; for IPv6 the kernel's hexadecimal digits as they are. */
export function listeningSockets(pids: readonly number[]): string[] {
  const inodes = new Set(pids.flatMap(socketInodes))
  return ['tcp', 'tcp6']
    .flatMap(readTable)
    .flatMap(({ address, state, inode }) =>
      state === LISTEN && inodes.has(inode) ? [readable(address)] : [],
    )
}

function readTable(name: string) {
  const rows = readFileSync(`/proc/net/${name}`, 'utf8').trim().split('\n').slice(1)
  return rows.map((row) => {
    const cells = row.trim().split(/\s+/)
    return { address: cells[1] ?? '', state: cells[3], inode: cells[9] ?? '' }
  })
}

function socketInodes(pid: number): string[] {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`${folder}/${fd}`))?.[1] ?? [])
}

// A descriptor may be closed between the listing and the reading.
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** The kernel prints the four bytes of an address in the order of the machine, which is the reverse on ours. */
function readable(address: string): string {
  const [host = '', port = ''] = address.split(':')
  const bytes = host.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? []
  const name = bytes.length === 4 ? bytes.reverse().join('.') : host
  return `${name}:${Number.parseInt(port, 16)}`
}
