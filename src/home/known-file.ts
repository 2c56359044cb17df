import { type BigIntStats, lstatSync } from 'node:fs'

/** A file as it was found: which one it is, whatever it is called by then. */
export interface KnownFile {
  readonly path: string
  readonly stats: BigIntStats | undefined
}

export function knownFile(path: string): KnownFile {
  return { path, stats: statsOf(path) }
}

export function statsOf(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })
}

/** What has become of it in the words of a sentence; undefined where it is still there. */
export function whyGone({ stats }: KnownFile, now: BigIntStats | undefined): 'removed' | 'replaced' | undefined {
  if (now === undefined) return 'removed'
  return now.ino === stats?.ino && now.dev === stats.dev ? undefined : 'replaced'
}
