import { describeFaults } from './describe-faults.ts'
import { refusals } from './kinds/refusals.ts'

describeFaults('refusals', refusals)
