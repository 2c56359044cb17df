import { chmodSync, lchownSync, mkdirSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Two users of this machine; nobody needs to have registered them. Only root can be both. */
export const VICTIM = 64_001
export const ATTACKER = 64_002
export const canBeOthers = process.getuid?.() === 0

/** Does in this process what that user could do. The kernel refuses what it would refuse them. */
export async function asUser<T>(uid: number, work: () => T | Promise<T>): Promise<T> {
  const groups = process.getgroups?.() ?? []
  process.setgroups?.([uid])
  process.setegid?.(uid)
  process.seteuid?.(uid)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
    process.setegid?.(0)
    process.setgroups?.(groups)
  }
}

/** A temp folder as all users share it. */
export async function sharedFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'swb-shared-'))
  chmodSync(folder, 0o1777)
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

export function give(path: string, uid: number): void {
  lchownSync(path, uid, uid)
}

/** A folder of that user, and those above it that are missing. */
export function folderOf(uid: number, path: string, mode = 0o700): string {
  const first = mkdirSync(path, { recursive: true })
  for (let at = path; first !== undefined && at.length >= first.length; at = dirname(at)) {
    give(at, uid)
    chmodSync(at, mode)
  }
  return path
}

/** All texts in a folder, by path. */
export async function textsIn(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return Object.fromEntries(await Promise.all(files.map(async file => [file, await readFile(file, 'latin1')])))
}
