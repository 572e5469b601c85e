import { fileURLToPath } from 'node:url'

/** UCI Online Retail, see ATTRIBUTION.md. */
export const SHIPPED_FILE = fileURLToPath(new URL('./online-retail.csv.gz', import.meta.url))
export const SHIPPED_TIME_ZONE = 'Europe/London'
export const SHIPPED_CURRENCY = 'GBP'
