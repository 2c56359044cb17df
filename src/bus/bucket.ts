/** How much of an allowance is used up, and when that was counted. It refills steadily, all of it within `perMs`. */
export interface Bucket {
  used: number
  at: number
}

/** How long until so many more fit into the bucket, as far as it is refilled by now; 0 where they do. */
export function msUntilRoom(bucket: Bucket, count: number, max: number, perMs: number, now: number): number {
  bucket.used = Math.max(0, bucket.used - ((now - bucket.at) / perMs) * max)
  bucket.at = now
  return Math.max(0, ((bucket.used + count - max) / max) * perMs)
}
