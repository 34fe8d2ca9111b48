/** Lead times as they were measured: samples by kind of pool, and nodes on their way. */
export const leadTimesRecord = 'lead-times'
/** What one unit of demand keeps busy: one record per workload. */
export const throughputFolder = 'throughput'
