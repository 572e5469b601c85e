/** How far ClickHouse has what is stored by committed positions: facts, dead letters and what was asked about alerts, of every open run. */
import type { Run } from '../../clickhouse/runs/run.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { alertCommandsGroup } from '../../processors/anomaly/metrics/alert-commands.ts'
import { deadLettersGroup } from '../../processors/dead-letters/store-dead-letters.ts'
import { FACT_TOPICS } from '../../processors/facts/parse-fact.ts'
import { factsGroup } from '../../processors/facts/store-facts.ts'
import type { Manifest } from './manifest.ts'

type Position = Manifest['positions'][number]

/** Positions that nobody committed are 0. */
export async function readPositions(log: EventLog, runs: readonly Run[]): Promise<Position[]> {
  const positions: Position[] = []
  for (const { run } of runs) {
    const groups = [
      ...FACT_TOPICS.map((topic) => ({ group: factsGroup(run), topic })),
      { group: deadLettersGroup(run), topic: 'dead-letters' },
      { group: alertCommandsGroup(run), topic: 'commands' },
    ]
    for (const { group, topic } of groups)
      for (let partition = 0; partition < log.partitions(topic); partition++) {
        const next = (await log.committed(group, topic, partition)) ?? 0
        positions.push({ group, topic, partition, next })
      }
  }
  return positions
}

/** What a log has committed since then is taken again: the tables that are restored do not have it. */
export async function rewind(log: EventLog, positions: readonly Position[]): Promise<number> {
  let rewound = 0
  for (const { group, topic, partition, next } of [...positions, ...untold(log, positions)]) {
    if (((await log.committed(group, topic, partition)) ?? 0) <= next) continue
    await log.commit(group, topic, partition, next)
    rewound += 1
  }
  return rewound
}

/** Topics that whoever made the backup did not know are in none of its tables. */
function untold(log: EventLog, positions: readonly Position[]): Position[] {
  const groups = new Set(
    positions.map(({ group }) => group).filter((group) => group.startsWith(factsGroup(''))),
  )
  return [...groups].flatMap((group) =>
    FACT_TOPICS.filter(
      (topic) => !positions.some((one) => one.group === group && one.topic === topic),
    ).flatMap((topic) =>
      Array.from({ length: log.partitions(topic) }, (_, partition) => ({ group, topic, partition, next: 0 })),
    ),
  )
}
