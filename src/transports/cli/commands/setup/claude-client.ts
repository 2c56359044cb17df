import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { BusError } from '../../../../bus/errors.ts'
import { joined, retold, say } from '../../../../bus/say.ts'
import type { Io } from '../../io.ts'
import { plainEntry } from '../../plain-entry.ts'
import { PROGRAM } from '../../usage.ts'

const STEP_MS = 60_000

/** Runs Claude Code's own commands, which know where it keeps what, and gives what they print. */
export interface ClaudeClient {
  /** Rejects where the client is missing, or refuses: then with its own last words. */
  run(args: readonly string[], cwd?: string): Promise<string>
}

export function claudeClient(
  io: Io,
  options: {
    /** `claude` on the PATH, or a file. */
    readonly program?: string | undefined
    readonly stepMs?: number
  } = {},
): ClaudeClient {
  const { program = 'claude', stepMs = STEP_MS } = options
  const { env, signal } = io
  return {
    async run(args, cwd) {
      try {
        const { stdout } = await promisify(execFile)(program, [...args], {
          env,
          signal,
          timeout: stepMs,
          // One that hangs need not heed another.
          killSignal: 'SIGKILL',
          windowsHide: true,
          ...(cwd === undefined ? {} : { cwd }),
        })
        return stdout
      } catch (error) {
        if (signal.aborted) throw error
        if ((error as Failed).killed) throw hangs(args, stepMs, error)
        throw failure(program, args, error as Failed, io)
      }
    },
  }
}

type Failed = Error & { code?: unknown; killed?: boolean; stderr?: string; stdout?: string }

function hangs(args: readonly string[], stepMs: number, cause: unknown): BusError {
  return new BusError('timed_out', say`\`claude ${joined(' ', args)}\` did not end within ${stepMs / 1000} s`, {
    next: 'Run it by hand to see what it waits for.',
    cause,
  })
}

function failure(program: string, args: readonly string[], error: Failed, io: Io): BusError {
  if (typeof error.code === 'string') {
    const where = program === 'claude' ? say('`claude` on the PATH') : say`a program at ${program}`
    return new BusError(
      'not_found',
      say`expected Claude Code as ${where}, got ${error.code === 'ENOENT' ? 'none' : error.code}`,
      {
        next: `Install it, add its folder to the PATH, or name it: \`${PROGRAM} setup claude --claude /path/to/claude\`.`,
        cause: error,
      },
    )
  }
  const said = `${error.stdout ?? ''}\n${error.stderr ?? ''}`.trim().split('\n').at(-1)?.trim() || error.message
  return new BusError('internal', say`Claude Code refused \`claude ${joined(' ', args)}\`: ${retold(said)}`, {
    next: say`Run it by hand to see more, or update Claude Code. The tools alone: \`${retold(plainEntry(io))}\`.`,
    cause: error,
  })
}
