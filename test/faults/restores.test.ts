import { describe, it } from 'vitest'
import { IS_TEST_LOG_ON_KAFKA } from '../../core/log/testing/open-test-log.ts'
import { describeFaults } from './describe-faults.ts'
import { refusalsToStart } from './kinds/refusals-to-start.ts'
import { restores } from './kinds/restores.ts'

// They copy the log's folder; test/kafka/halts.test.ts has what Kafka refuses.
if (IS_TEST_LOG_ON_KAFKA)
  describe.skip('backups and lost folders: of the embedded log', () => it('stands', () => {}))
else describeFaults('backups and lost folders', [...restores, ...refusalsToStart])
