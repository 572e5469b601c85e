import { describeFaults } from './describe-faults.ts'
import { logAndCodeFaults } from './kinds/log-and-code.ts'

describeFaults('log, state, code and barrier', logAndCodeFaults)
