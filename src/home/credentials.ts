import { createHash, randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { HomePaths } from './paths.ts'
import { createPrivate, homeFault, privateFolder, writePrivate } from './private-files.ts'

/** The user's own credential: made on first use, the same for all of the user's programs on this machine. */
export async function userCredential(paths: HomePaths): Promise<string> {
  const present = await readOptional(paths.credentialFile)
  if (present !== undefined) return present.trim()
  await createPrivate(paths.credentialFile, `swb_user_${randomBytes(24).toString('base64url')}\n`)
  return (await readFile(paths.credentialFile, 'utf8')).trim()
}

/** What a session leaves for the shells that its agent opens, so that they act as that session. */
export interface SavedSession {
  readonly session_id: string
  readonly name: string
  readonly credential: string
}

/** `clientId` is whatever names the run in the environment, e.g. `CLAUDE_CODE_SESSION_ID`. */
export async function saveSession(paths: HomePaths, clientId: string, session: SavedSession): Promise<void> {
  await privateFolder(paths.state)
  await writePrivate(sessionFile(paths, clientId), `${JSON.stringify(session)}\n`)
}

export async function savedSession(paths: HomePaths, clientId: string): Promise<SavedSession | undefined> {
  const text = await readOptional(sessionFile(paths, clientId))
  return text === undefined ? undefined : (JSON.parse(text) as SavedSession)
}

export async function forgetSession(paths: HomePaths, clientId: string): Promise<void> {
  await rm(sessionFile(paths, clientId), { force: true })
}

/** Client ids come from outside, so the file is named by a digest: no path can be smuggled in. */
function sessionFile(paths: HomePaths, clientId: string): string {
  return join(paths.sessionsFolder, `${createHash('sha256').update(clientId).digest('hex').slice(0, 24)}.json`)
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    // ENOTDIR: what should be its folder is none, which whoever makes that folder says better.
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw homeFault(path, error)
  }
}
