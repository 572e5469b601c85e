import { PRIORITY } from '../../core/runtime/priority.ts'
import { threadsAt } from '../thread-priority.ts'
import { element, text } from './xml.ts'

/** What the queries of an analyst may take. */
export interface AnalystLimits {
  executionSeconds: number
  /** Of one query; all of one analyst together may take twice as much. */
  memoryBytes: number
  resultRows: number
}

// clickhouse-local turns these on for everybody; a server does not, and the two must behave alike.
export const LIKE_A_SERVER = {
  implicit_select: 0,
  allow_introspection_functions: 0,
  allow_python_table_function: 0,
}

/**
 * Says in an analyst's profile, where no query can change it, whose rows it may see. A label for the query cache, which
 * nobody here uses: the embedded server knows no settings of one's own (`custom_settings_prefixes`).
 */
export const TENANT_SETTING = 'query_cache_tag'

const MAX_QUERIES_AT_ONCE = 8

/**
 * The profile of all analysts. `readonly = 1`, so that a query can change no setting but those of the list below: others
 * read and write files (`format_schema`, `format_template_row`, `output_format_schema`), lift limits or turn on what calls
 * other servers. A list of what is forbidden would miss what the next version brings.
 */
export function analystProfile(name: string, limits: AnalystLimits): string {
  const { memoryBytes } = limits
  const bounded = { max_execution_time: limits.executionSeconds, max_result_rows: limits.resultRows }
  return element(name, [
    ...settings({
      readonly: 1,
      ...LIKE_A_SERVER,
      ...bounded,
      // One thread: small queries of the wall then keep their few ms beside a long one.
      max_threads: 1,
      ...threadsAt(PRIORITY.analysts),
      max_memory_usage: memoryBytes,
      max_memory_usage_for_user: 2 * memoryBytes,
      max_concurrent_queries_for_user: MAX_QUERIES_AT_ONCE,
      // What does not fit into memory is sorted and grouped on the disk, which is not endless either.
      max_temporary_data_on_disk_size_for_query: memoryBytes,
      max_temporary_data_on_disk_size_for_user: 2 * memoryBytes,
    }),
    element('constraints', [
      ...CHANGEABLE.map((setting) => element(setting, [MAY_CHANGE])),
      ...Object.entries(bounded).map(([setting, max]) =>
        element(setting, [MAY_CHANGE, ...settings({ min: 1, max })]),
      ),
    ]),
  ])
}

const MAY_CHANGE = element('changeable_in_readonly', [])

/** What clients set to get an answer in their form. None of it names a file, an address or a table, or lifts a limit. */
export const CHANGEABLE = [
  'bool_true_representation',
  'cancel_http_readonly_queries_on_client_close',
  'date_time_output_format',
  'enable_http_compression',
  'extremes',
  'format_csv_delimiter',
  'group_by_use_nulls',
  'http_headers_progress_interval_ms',
  'http_response_buffer_size',
  'http_wait_end_of_query',
  'http_write_exception_in_output_format',
  'http_zlib_compression_level',
  'join_use_nulls',
  'log_comment',
  'max_block_size',
  'max_result_bytes',
  'output_format_arrow_string_as_string',
  'output_format_binary_write_json_as_string',
  'output_format_decimal_trailing_zeros',
  'output_format_json_array_of_rows',
  'output_format_json_named_tuples_as_objects',
  'output_format_json_quote_64bit_floats',
  'output_format_json_quote_64bit_integers',
  'output_format_json_quote_decimals',
  'output_format_json_quote_denormals',
  'output_format_native_write_json_as_string',
  'output_format_parquet_string_as_string',
  'output_format_pretty_max_rows',
  'output_format_pretty_row_numbers',
  'output_format_write_statistics',
  'prefer_column_name_to_alias',
  'result_overflow_mode',
  'send_progress_in_http_headers',
  'session_timezone',
  'union_default_mode',
] as const

export const settings = (values: Record<string, number>) =>
  Object.entries(values).map(([name, value]) => element(name, [text(String(value))]))
