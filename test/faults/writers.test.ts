import { describeFaults } from './describe-faults.ts'
import { hangingInserts } from './kinds/hanging-inserts.ts'
import { writerFaults } from './kinds/writers.ts'

describeFaults('several writers', [...writerFaults, ...hangingInserts])
