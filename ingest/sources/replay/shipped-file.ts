import { join } from 'node:path'
import { ROOT } from '../../../core/runtime/program.ts'

/** UCI Online Retail, see ATTRIBUTION.md. */
export const SHIPPED_FILE = join(ROOT, 'ingest', 'sources', 'replay', 'online-retail.csv.gz')
export const SHIPPED_TIME_ZONE = 'Europe/London'
export const SHIPPED_CURRENCY = 'GBP'
