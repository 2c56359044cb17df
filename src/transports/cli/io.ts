import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { BusError, ERRORS } from '../../bus/errors.ts'
import { printed, retold, Said, say, type Words } from '../../bus/say.ts'
import { isFolderGone } from '../../home/existing-folder.ts'
import { writeStderrLine } from '../../home/stderr-line.ts'
import type { Sources } from './parse/values.ts'
import { programWords } from './program-words.ts'
import { type Look, lookOf } from './render/look.ts'
import { asPrinted } from './render/spoken.ts'
import { PROGRAM } from './usage.ts'

/** The process as a command sees it. */
export interface Io extends Sources {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** How this program is called from here, as the person typed it where that can be told. */
  program(): string
  /** A path as it was typed, from the shell's folder on; refused where that is deleted. */
  at(path: string): string
  readonly out: Sink
  readonly err: Sink
  /** Aborted by Ctrl-C, by SIGTERM, and when nobody reads any more what is printed. */
  readonly signal: AbortSignal
}

/** Where lines are printed: words of ours, with what others wrote quoted by `say` (src/bus/say.ts). */
export interface Sink {
  readonly look: Look
  readonly isTerminal: boolean
  /** In the words of a shell, as rows of the terminal, where there is one. */
  line<const T extends string>(text: Words<T>): void
  /** As it is: a script, JSON on lines of its own. */
  verbatim(text: Said): void
  /** On one line, except for a person at a terminal. */
  json(value: unknown): void
}

/** The real process. Its listeners stay: a command ends by the process running dry. */
export function processIo(): Io {
  const over = new AbortController()
  const stop = () => over.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A full disk behind `>`, say: what was asked for may be done, and only the print is lost.
    if (error.code !== 'EPIPE') {
      writeStderrLine(`error: expected to print all of the answer, got ${error.message}\n`)
      process.exit(ERRORS.internal.exit)
    }
    // `switchboard watch | head -1` is no failure: the reader has what it wanted.
    over.abort()
  })
  const { env, stdout, stderr } = process
  // There is nowhere to say it: the exit code tells.
  stderr.on('error', () => undefined)
  const cwd = process.cwd()
  const stdin = () => buffer(process.stdin)
  let known: string | undefined
  const program = () => (known ??= programWords({ env, cwd }).here)
  return ioOf({ env, cwd, isFolderGone: isFolderGone(), program, stdout, stderr, stdin, signal: over.signal })
}

/** What a command prints goes there. */
export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export function ioOf(around: {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** The shell's folder is deleted, and `cwd` is what is left of the way to it. */
  readonly isFolderGone?: boolean
  /** Default: by its name. */
  program?(): string
  readonly stdout: Output
  readonly stderr: Output
  stdin(): Promise<Buffer>
  readonly signal: AbortSignal
}): Io {
  const { env, cwd, signal } = around
  const at = (path: string) => {
    if (isAbsolute(path)) return path
    if (around.isFolderGone !== true) return `${cwd}/${path}`
    throw new BusError(
      'invalid_input',
      say`expected an absolute path, because the shell's folder is deleted; got ${path}`,
      {
        next: 'Go to a folder that is there, or write the whole path.',
      },
    )
  }
  const program = around.program ?? (() => PROGRAM)
  const err = sinkOf(around.stderr, env, program)
  return {
    env,
    cwd,
    program,
    at,
    out: sinkOf(around.stdout, env, program),
    err,
    signal,
    stdin: async () => decoded(await around.stdin().catch(unreadable)),
    file: async path => decoded(await readFile(at(path))),
    note: text => err.line(say`${err.look.paint('yellow', 'note:')} ${text}`),
  }
}

function unreadable(error: Error): never {
  throw new BusError('invalid_input', say`expected text on stdin, got ${retold(error.message)}`, {
    next: 'Pipe the text in, or write it as an argument.',
    cause: error,
  })
}

/** Bytes that are no text are refused: replaced, they would be sent as if they had been meant. */
function decoded(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8').replace(/^\ufeff/, '')
  throw new BusError('invalid_input', 'expected text in UTF-8, got other bytes')
}

function sinkOf(stream: Output, env: NodeJS.ProcessEnv, program: () => string): Sink {
  const isTerminal = stream.isTTY === true
  const look = lookOf(stream, env)
  return {
    look,
    isTerminal,
    line(text) {
      stream.write(`${asPrinted(text instanceof Said ? text : say(text), program(), look)}\n`)
    },
    verbatim(text) {
      stream.write(`${text}\n`)
    },
    json(value) {
      stream.write(`${printed(value, isTerminal ? 2 : undefined)}\n`)
    },
  }
}
