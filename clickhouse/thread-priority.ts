/** Settings by which the server's threads of a query have this nice value. A server without CAP_SYS_NICE ignores them. */
export const threadsAt = (nice: number) => ({
  os_threads_nice_value_query: nice,
  os_threads_nice_value_materialized_view: nice,
})
