import { createHash, randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BusError } from '../bus/errors.ts'
import { say } from '../bus/say.ts'
import type { HomePaths } from './paths.ts'
import { createPrivate, privateFolder, readPrivate, writePrivate } from './private-files.ts'

/** The user's own credential: made on first use, the same for all of the user's programs on this machine. */
export async function userCredential(paths: HomePaths): Promise<string> {
  const { credentialFile } = paths
  const present = readPrivate(credentialFile)
  if (present !== undefined) return credentialIn(present, credentialFile)
  await createPrivate(credentialFile, `swb_user_${randomBytes(24).toString('base64url')}\n`)
  return credentialIn(readPrivate(credentialFile) ?? '', credentialFile)
}

const CREDENTIAL = /^swb_user_[A-Za-z0-9_-]{32}$/

/** What is damaged is sent to nobody: a hub could only say that it does not know it. */
function credentialIn(text: string, file: string): string {
  const credential = text.trim()
  if (CREDENTIAL.test(credential)) return credential
  const what = credential === '' ? say('an empty file') : say`${Buffer.byteLength(text)} bytes of something else`
  throw new BusError('unauthenticated', say`${file}: expected one line, swb_user_ and 32 characters, got ${what}`, {
    next: `Restore it. Or remove it and end the hub that runs: the next command makes a new one.`,
  })
}

/** A credential from outside, as it may stand in a header. `name`: where it came from. */
export function givenCredential(text: string, name: string): string {
  const credential = text.trim()
  if (/^[\x21-\x7e]+$/.test(credential)) return credential
  const what = say(credential === '' ? 'nothing' : 'blanks, line breaks or characters that are not ASCII')
  throw new BusError('unauthenticated', say`${name}: expected a credential in one word of ASCII, got ${what}`, {
    next: say`Mend ${name}, or unset it to act as yourself.`,
  })
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

/** One that is damaged is none: the session is registered again, and saved anew. */
export async function savedSession(paths: HomePaths, clientId: string): Promise<SavedSession | undefined> {
  const text = readPrivate(sessionFile(paths, clientId))
  try {
    const saved = JSON.parse(text ?? '') as Partial<SavedSession> | null
    return SESSION_CREDENTIAL.test(saved?.credential ?? '') ? (saved as SavedSession) : undefined
  } catch {
    return undefined
  }
}

const SESSION_CREDENTIAL = /^swb_session_[\w-]+$/

export async function forgetSession(paths: HomePaths, clientId: string): Promise<void> {
  await rm(sessionFile(paths, clientId), { force: true })
}

/** Client ids come from outside, so the file is named by a digest: no path can be smuggled in. */
function sessionFile(paths: HomePaths, clientId: string): string {
  return join(paths.sessionsFolder, `${createHash('sha256').update(clientId).digest('hex').slice(0, 24)}.json`)
}
