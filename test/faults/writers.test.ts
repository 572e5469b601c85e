import { describeFaults } from './describe-faults.ts'
import { writerFaults } from './kinds/writers.ts'

describeFaults('several writers', writerFaults)
