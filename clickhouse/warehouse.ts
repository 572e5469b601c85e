/**
 * The warehouse as a port: what the rooms ask of ClickHouse. One implementation over `@clickhouse/client`, the same for
 * the embedded server and for any other; tests decorate it with faults.
 */
export interface QueryOptions {
  /** Bound on the server as {name:Type}; never interpolated. */
  params?: Record<string, unknown>
  settings?: Record<string, string | number>
  queryId?: string
  signal?: AbortSignal
}

export interface InsertOptions {
  queryId: string
  /** Bound as {name:Type} in the statement. */
  params?: Record<string, unknown>
  settings?: Record<string, string | number>
}

export interface Warehouse {
  /** The servers, where there are several, this one first: see shards.ts. */
  readonly shards?: readonly Warehouse[]
  /** Rows of a SELECT. UInt64 and Decimal arrive as strings. */
  query<Row>(sql: string, options?: QueryOptions): Promise<Row[]>
  /**
   * The same without holding it, as RowBinary and as it comes: for what one pass over a table reads and many pages would read
   * again and again. It rejects where the answer ends early; how many rows it should have had is the caller's to know.
   */
  stream(sql: string, options?: QueryOptions): AsyncIterable<Uint8Array>
  /** One statement without a result (DDL, KILL). */
  command(sql: string, options?: QueryOptions): Promise<void>
  /**
   * Sends one INSERT with its data as the body (`sql` ends with `FORMAT …`). Resolves only on a 200 with an empty
   * body; everything else rejects and means *uncertain* (EXACTNESS.md, step 4). Never retried.
   */
  insert(sql: string, body: Uint8Array, options: InsertOptions): Promise<void>
  close(): Promise<void>
}
