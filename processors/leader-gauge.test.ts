import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { leaderGauge } from './leader-gauge.ts'

it('tells what the leader knows when it is asked, and nothing of it once another one leads', async () => {
  const registry = new Registry()
  const age = leaderGauge(registry, { name: 'age', help: 'An age.' })
  const open = leaderGauge(registry, { name: 'open', help: 'Some.', label: 'severity' })
  const lines = async () => (await registry.metrics()).split('\n').filter((line) => /^(age|open)/.test(line))
  expect(await lines()).toEqual(['age 0'])
  let seconds = 3
  age.lead(() => seconds)
  open.lead(() => ({ critical: 2, warning: 0 }))
  seconds = 5
  expect(await lines()).toEqual(['age 5', 'open{severity="critical"} 2', 'open{severity="warning"} 0'])
  age.leave()
  open.leave()
  expect(await lines()).toEqual(['age 0'])
})
