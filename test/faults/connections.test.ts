import { describeFaults } from './describe-faults.ts'
import { connectionFaults } from './kinds/connections.ts'

describeFaults('the connection', connectionFaults)
