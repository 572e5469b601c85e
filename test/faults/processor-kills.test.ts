import { describeFaults } from './describe-faults.ts'
import { processorKills } from './kinds/processor-kills.ts'

describeFaults('the processor', processorKills)
