import { open, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { claudeFolder } from '../home/user-folder.ts'
import { argumentsOf } from './client-arguments.ts'

/** A branch's first line says where it comes from, after a prompt of any length. */
const HEAD_BYTES = 512 * 1024
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The conversation that `/branch` made this one of, as its transcript says; a resumed one has none. */
export async function parentOf(transcript: string): Promise<string | undefined> {
  return idIn(/"forkedFrom":\{"sessionId":"([0-9a-f-]{36})"/, await headOf(transcript))
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
 * command line does. `/fork` gives a client a copy of the transcript in its job's folder, `--continue` takes the
 * latest of the project's folder. Unknown where the user picks.
 */
export async function forkedAtStart(
  clientPid: number,
  here: { readonly id: string; readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<string | undefined> {
  // `/fork` may wake a client that was started in advance, whose command line knows nothing of it.
  const job = here.env.CLAUDE_JOB_DIR
  const forked = job ? await conversationIn(join(job, 'parent-transcript.jsonl')) : undefined
  if (forked !== undefined && forked !== here.id) return forked
  const args = await argumentsOf(clientPid)
  if (!args.includes('--fork-session')) return undefined
  const resumed = args.map((arg, i) => resumedBy(arg, args[i + 1] ?? '')).find(value => value !== undefined)
  if (resumed !== undefined) return ID.test(resumed) ? resumed : await conversationIn(resumed)
  return args.some(arg => arg === '--continue' || arg === '-c') ? await latestBeside(here) : undefined
}

function resumedBy(arg: string, next: string): string | undefined {
  const [flag, value = next] = arg.split('=')
  return flag === '--resume' || flag === '-r' ? value : undefined
}

/** The one that the client itself takes, unless another session in this folder writes in the moment of its start. */
async function latestBeside({ id, cwd, env }: Parameters<typeof forkedAtStart>[1]): Promise<string | undefined> {
  const config = claudeFolder(env)
  const folder = join(config, 'projects', cwd.replace(/[^a-zA-Z0-9]/g, '-'))
  const names = (await readdir(folder).catch(() => [])).filter(
    each => each.endsWith('.jsonl') && each !== `${id}.jsonl`,
  )
  const found = await Promise.all(
    names.map(async name => ({ name, at: (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  )
  for (const { name } of found.toSorted((a, b) => b.at - a.at)) {
    // One that was opened and never spoken in is nothing to continue.
    if ((await headOf(join(folder, name)))?.includes('"type":"user"')) return basename(name, '.jsonl')
  }
  return undefined
}

async function conversationIn(transcript: string): Promise<string | undefined> {
  return idIn(/"sessionId":"([0-9a-f-]{36})"/, await headOf(transcript))
}

/** The first thing in quotes that this finds, if it is an id. */
function idIn(expression: RegExp, text = ''): string | undefined {
  const found = expression.exec(text)?.[1]
  return found !== undefined && ID.test(found) ? found : undefined
}

async function headOf(transcript: string): Promise<string | undefined> {
  try {
    const file = await open(transcript)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}
