import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FIRST_RUN } from '../../clickhouse/runs/run.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import { factsGroup } from '../../processors/facts/store-facts.ts'
import { readPositions, rewind } from './positions.ts'

it('takes back what was committed since, and nothing else: restored tables lack it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'revwall-positions-'))
  const log = await openEmbeddedLog({ folder })
  try {
    for (const topic of Object.values(TOPICS)) await log.ensureTopic(topic.name, topic)
    const group = factsGroup(FIRST_RUN.run)
    await log.commit(group, 'customers', 1, 40)
    const then = await readPositions(log, [FIRST_RUN])
    expect(then).toContainEqual({ group, topic: 'customers', partition: 1, next: 40 })
    expect(then).toContainEqual({ group: 'dead-letters-r1', topic: 'dead-letters', partition: 0, next: 0 })
    await log.commit(group, 'customers', 1, 70)
    await log.commit('dead-letters-r1', 'dead-letters', 0, 5)
    await log.commit('alert-commands-r1', 'commands', 0, 3)
    await log.commit('another', 'customers', 1, 9)
    expect(await rewind(log, then)).toBe(3)
    expect(await log.committed('alert-commands-r1', 'commands', 0)).toBe(0)
    expect(await log.committed(group, 'customers', 1)).toBe(40)
    expect(await log.committed('dead-letters-r1', 'dead-letters', 0)).toBe(0)
    expect(await log.committed('another', 'customers', 1)).toBe(9)
    expect(await rewind(log, then)).toBe(0)
    // A backup of a revwall that did not know a topic yet has nothing of it.
    await log.commit(group, 'notes', 0, 3)
    const older = then.filter(({ topic }) => topic !== 'notes')
    expect(await rewind(log, older)).toBe(1)
    expect(await log.committed(group, 'notes', 0)).toBe(0)
  } finally {
    await log.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
