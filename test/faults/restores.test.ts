import { describeFaults } from './describe-faults.ts'
import { refusalsToStart } from './kinds/refusals-to-start.ts'
import { restores } from './kinds/restores.ts'

describeFaults('backups and lost folders', [...restores, ...refusalsToStart])
