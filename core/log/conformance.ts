/**
 * What every log must do, whatever lies under it. An implementation calls `logConformance` in a test of its own;
 * the groups of cases are in conformance/. Offsets are compared, never counted: gaps are allowed.
 */
import { describe } from 'vitest'
import { describeAppending } from './conformance/appending.ts'
import { describeGroups } from './conformance/groups.ts'
import { describeReading } from './conformance/reading.ts'
import { describeRetention } from './conformance/retention.ts'
import { describeSurvival } from './conformance/survival.ts'
import { describeWaiting } from './conformance/waiting.ts'
import type { EventLog } from './event-log.ts'

/** A log that did not exist before: the suite opens handles on it, and disposes of it at the end of a test. */
export interface LogUnderTest {
  /** Opens one more handle on the same log. The suite closes those that it opens. */
  openHandle(): Promise<EventLog>
  dispose(): Promise<void>
}

export function logConformance(name: string, open: () => Promise<LogUnderTest>): void {
  describe(`${name} log`, () => {
    describeAppending(open)
    describeReading(open)
    describeWaiting(open)
    describeGroups(open)
    describeRetention(open)
    describeSurvival(open)
  })
}
