import { describeFaults } from './describe-faults.ts'
import { clickhouseKills } from './kinds/clickhouse-kills.ts'

describeFaults('ClickHouse', clickhouseKills)
