import { expect, it } from 'vitest'
import { buildOf, reloadIfNewer } from './build-watch.ts'

const page = (hash: string) =>
  `<script type="module" src="./assets/index-${hash}.js"></script><link href="./assets/index-A.css">`

function portsOf(served: string | null) {
  let kept: string | null = null
  const told = { reloads: 0 }
  const ports = {
    fetchPage: async () => served,
    reload() {
      told.reloads += 1
    },
    recall: () => kept,
    remember(build: string) {
      kept = build
    },
  }
  return { ports, told }
}

it('loads the page anew when the server has another one, once for each', async () => {
  const running = buildOf(page('A'))
  expect(running).toBe('assets/index-A.css assets/index-A.js')
  const { ports, told } = portsOf(page('B'))
  expect(await reloadIfNewer(running, ports)).toBe(true)
  // A cache gave the old page again: it stays with it rather than going round and round.
  expect(await reloadIfNewer(running, ports)).toBe(false)
  expect(told.reloads).toBe(1)
})

it('stays where nothing is new, the server is away, or something else answers', async () => {
  const running = buildOf(page('A'))
  for (const served of [page('A'), null, '', '<title>Bad gateway</title>']) {
    const { ports, told } = portsOf(served)
    await reloadIfNewer(running, ports)
    expect(told.reloads).toBe(0)
  }
})
