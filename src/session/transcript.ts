import { execFile } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** A branch's first line says where it comes from, after a prompt of any length. */
const HEAD_BYTES = 512 * 1024
const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** The conversation that `/branch` made this one of, as its transcript says; a resumed one has none. */
export async function parentOf(transcript: string): Promise<string | undefined> {
  try {
    const file = await open(transcript)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
      const head = buffer.toString('utf8', 0, bytesRead)
      return new RegExp(`"forkedFrom":\\{"sessionId":"(${ID})"`).exec(head)?.[1]
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}

/** Lines of a turn that are looked at: a prompt with its letters is never longer. */
const TAIL_BYTES = 256 * 1024

/**
 * Whether the turn that brought the last letters is still in the conversation. A prompt that the user interrupts before
 * anything came of it goes back into the input box and out of the conversation, letters and all; the transcript then
 * has nothing after it, neither an answer nor the note of the interruption.
 */
export async function keepsLetters(transcript: string): Promise<boolean> {
  try {
    const file = await open(transcript)
    try {
      const { size } = await file.stat()
      const length = Math.min(size, TAIL_BYTES)
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
      const tail = buffer.toString('utf8')
      const after = tail.slice(tail.lastIndexOf('<switchboard-message') + 1)
      return after.includes('"type":"assistant"') || after.includes('[Request interrupted by user')
    } finally {
      await file.close()
    }
  } catch {
    return true
  }
}

/**
 * The conversation that this client was started to fork: neither its transcript nor its status file says so, its
 * command line does. Unknown where it forks "the latest" or the user picks.
 */
export async function forkedAtStart(clientPid: number): Promise<string | undefined> {
  const args = await argumentsOf(clientPid)
  if (!args.includes('--fork-session')) return undefined
  return args.map((arg, i) => resumed(arg, args[i + 1] ?? '')).find(id => id !== undefined)
}

function resumed(arg: string, next: string): string | undefined {
  const [flag, value = next] = arg.split('=')
  return (flag === '--resume' || flag === '-r') && new RegExp(`^${ID}$`).test(value) ? value : undefined
}

async function argumentsOf(pid: number): Promise<string[]> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
  } catch {
    // Not on Linux.
  }
  try {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', String(pid)])
    return stdout.trim().split(/\s+/)
  } catch {
    return []
  }
}
