/** A time of the store as readers get it; undefined stays undefined. */
export function isoTime<T extends number | undefined>(ms: T): T extends number ? string : string | undefined
export function isoTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString()
}
