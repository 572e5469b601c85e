/** Walks LMDB's B+trees by plain reads, to find the last page that anything refers to. */
import { readSync } from 'node:fs'

export interface Tree {
  root: bigint
}

export const PAGE_HEADER_BYTES = 24
const NODE_HEADER_BYTES = 8
const NO_PAGE = 0xffff_ffff_ffff_ffffn
const BRANCH = 0x01
const LEAF = 0x02
/** Flags of a leaf's node: its value lies on pages of its own, or is another tree. */
const BIG_DATA = 0x01
const SUB_TREE = 0x02
const TREE_ROOT_AT = 40

interface File {
  fd: number
  pageBytes: number
  /** Whole pages that the file has. */
  pages: number
}

/** Undefined when a page is missing or is not what the tree says. */
export function lastPageInUse(
  fd: number,
  { pageBytes, trees }: { pageBytes: number; trees: readonly Tree[] },
  pages: number,
): number | undefined {
  const open = trees.map(({ root }) => root)
  let last = 0
  while (open.length > 0) {
    const number = open.pop()!
    if (number === NO_PAGE) continue
    const page = readPage({ fd, pageBytes, pages }, Number(number))
    if (!page) return undefined
    last = Math.max(last, Number(number))
    for (const node of nodes(page)) {
      if (node.child !== undefined) open.push(node.child)
      else
        last = Math.max(
          last,
          Number(node.valuePage) + Math.ceil((PAGE_HEADER_BYTES + node.bytes) / pageBytes) - 1,
        )
    }
  }
  return last
}

function readPage({ fd, pageBytes, pages }: File, number: number): Buffer | undefined {
  if (number >= pages) return undefined
  const page = Buffer.alloc(pageBytes)
  readSync(fd, page, 0, pageBytes, number * pageBytes)
  return Number(page.readBigUInt64LE(0)) === number ? page : undefined
}

type Node = { child: bigint } | { child?: undefined; valuePage: bigint; bytes: number }

/** The nodes that lead to other pages. */
function* nodes(page: Buffer): Generator<Node> {
  const flags = page.readUInt16LE(18)
  const count = page.readUInt16LE(20) >> 1
  for (let index = 0; index < count; index++) {
    const node = page.subarray(PAGE_HEADER_BYTES + page.readUInt16LE(PAGE_HEADER_BYTES + index * 2))
    const low = node.readUInt32LE(0)
    const nodeFlags = node.readUInt16LE(4)
    const valueAt = NODE_HEADER_BYTES + node.readUInt16LE(6)
    if (flags & BRANCH) yield { child: BigInt(low) | (BigInt(nodeFlags) << 32n) }
    else if (flags & LEAF && nodeFlags & BIG_DATA)
      yield { valuePage: node.readBigUInt64LE(valueAt), bytes: low }
    else if (flags & LEAF && nodeFlags & SUB_TREE)
      yield { child: node.readBigUInt64LE(valueAt + TREE_ROOT_AT) }
  }
}
