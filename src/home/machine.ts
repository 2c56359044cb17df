import { hostname } from 'node:os'
import { join } from 'node:path'
import type { HomePaths } from './paths.ts'
import { createPrivate, readTrusted } from './private-files.ts'

const known = new Map<string, string>()

/**
 * What this machine is called on the bus: its host name when that was first asked for. Host names drift (another network
 * makes `desk.local` of `desk`), and sessions, claims outside repositories and local repositories are found by it, so it
 * is kept in a file and stays.
 */
export async function machineName(paths: HomePaths): Promise<string> {
  const path = join(paths.data, 'machine')
  const before = known.get(path)
  if (before !== undefined) return before
  const present = hostname() || 'localhost'
  const name = await kept(path, present).catch(() => present)
  known.set(path, name)
  return name
}

/** A home that cannot be used is said by those who must use it. */
async function kept(path: string, present: string): Promise<string> {
  if (readTrusted(path) === undefined) await createPrivate(path, `${present}\n`)
  const name = readTrusted(path)?.trim() ?? ''
  return isName(name) ? name : present
}

function isName(text: string): boolean {
  return /^[\w.-]{1,120}$/.test(text)
}
