/** Who gets which partitions, in both logs: they go round the sorted members. */
export function assignPartitions(members: readonly string[], partitions: number): Map<string, number[]> {
  const sorted = [...members].sort()
  const assignment = new Map<string, number[]>(sorted.map((id) => [id, []]))
  for (let partition = 0; partition < partitions; partition++) {
    assignment.get(sorted[partition % sorted.length]!)!.push(partition)
  }
  return assignment
}
