export const AUDIT_SECONDS = 120

/**
 * Settings of a long read. One thread leaves the other cores to the wall's small queries; what does not fit into the
 * memory is grouped on disk.
 */
export function auditSettings(seconds: number = AUDIT_SECONDS): Record<string, string | number> {
  return {
    max_threads: 1,
    max_execution_time: seconds,
    max_memory_usage: 1_000_000_000,
    max_bytes_before_external_group_by: 400_000_000,
    use_query_cache: 0,
  }
}
