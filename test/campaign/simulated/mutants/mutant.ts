/** A deliberate fault of the protocol, put in at a port of every process. */
import type { Warehouse } from '../../../../clickhouse/warehouse.ts'
import type { EventLog } from '../../../../core/log/event-log.ts'
import type { Run } from '../../../../processors/orders/compute-tasks.ts'
import type { Step } from '../../../../processors/orders/partition-loop.ts'
import type { Random } from '../../../oracle/random.ts'

/** What a mutant may know of the process that it is in. */
export interface Host {
  random: Random
  /** Steps that some partition of this process is in. */
  steps: ReadonlySet<Step>
  /** Somebody who tries whether a damaged table or log is refused. */
  isOutside: boolean
  /** Of the log, undamaged. */
  incarnation: string
}

export interface Mutant {
  /** What somebody forgot, or did instead. */
  name: string
  warehouse?: (warehouse: Warehouse, host: Host) => Warehouse
  log?: (log: EventLog, host: Host) => EventLog
  compute?: (run: Run, host: Host) => Run
  /** Default: true. */
  auditsSettled?: boolean
  /** The same of an insert of another writer that was ended. */
  auditsEnded?: boolean
}
