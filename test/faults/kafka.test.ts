/** Faults over Kafka: on every run those that the log has a part in; all of them with REVWALL_TEST_ALL=1. */
import { describe, it } from 'vitest'
import { startTestBroker, whyNoKafka } from '../../core/log/kafka/testing/test-broker.ts'
import { describeFaults } from './describe-faults.ts'
import { clickhouseKills } from './kinds/clickhouse-kills.ts'
import { connectionFaults } from './kinds/connections.ts'
import { logAndCodeFaults } from './kinds/log-and-code.ts'
import { processorKills } from './kinds/processor-kills.ts'
import { refusals } from './kinds/refusals.ts'
import { writerFaults } from './kinds/writers.ts'

/** Not among them: restores and refusals to start, which copy the log's folder (test/kafka/halts.test.ts has Kafka's). */
const LISTS = [
  processorKills,
  writerFaults,
  logAndCodeFaults,
  clickhouseKills,
  connectionFaults,
  refusals,
].flat()
/** Of each of these words the first fault that has it. */
const USUAL = [
  'mid-insert',
  'two writers',
  'wakes when',
  'rebalance while',
  'torn',
  'state deleted',
  'question',
]

const missing = whyNoKafka()
const chosen = USUAL.flatMap((word) => LISTS.find(({ name }) => name.includes(word)) ?? [])
const faults = process.env.REVWALL_TEST_ALL === '1' ? LISTS : [...new Set(chosen)]

if (missing) describe.skip(`Kafka (${missing})`, () => it('stands faults', () => {}))
else describeFaults('all kinds, over Kafka', faults, { broker: startTestBroker })
