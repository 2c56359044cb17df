import { readOptions, setOf } from './options.ts'
import { UNKNOWN } from './shell-words.ts'

/** A program that runs the command, or the line for a shell, in its arguments. */
interface Wrapper {
  /** Options that take the next word. */
  readonly takes?: string
  /** Words of its own before the command. */
  readonly operands?: number
  /** Of those options: whose value is the folder that it runs in. */
  readonly folder?: string
  /** Of those options: whose value is a line. */
  readonly line?: string
  /** With this option the first operand is a line; without it and without operands it reads its input. */
  readonly lineOption?: string
  /** The first operand is a line. */
  readonly lineOperand?: true
  /** All operands together are a line. */
  readonly joins?: true
  /** Options with which it runs nothing. */
  readonly idle?: string
  /** It is the shell itself that runs it. */
  readonly isCurrent?: true
}

const SHELL: Wrapper = { takes: '-o +o -O +O --rcfile --init-file', lineOption: '-c', idle: '-n -D --dump-strings' }

/** With these every program tells only of itself. */
const TELLING = setOf('--help --version')

const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  sudo: {
    takes: '-u -g -h -p -C -D -R -r -t -T -U --user --group --host --prompt --chdir --chroot --role --type',
    folder: '-D --chdir',
    idle: '-l -v -k -K -V --list --validate --version',
  },
  doas: { takes: '-u -C' },
  env: { takes: '-u -C -S --unset --chdir --split-string', folder: '-C --chdir', line: '-S --split-string' },
  command: { idle: '-v -V' },
  builtin: { isCurrent: true },
  exec: { takes: '-a' },
  nohup: {},
  noglob: {},
  nocorrect: {},
  setsid: {},
  time: { takes: '-f -o --format --output' },
  timeout: { takes: '-k -s --kill-after --signal', operands: 1 },
  nice: { takes: '-n --adjustment' },
  ionice: { takes: '-c -n -p --class --classdata' },
  chrt: { operands: 1 },
  taskset: { operands: 1 },
  stdbuf: { takes: '-i -o -e --input --output --error' },
  strace: { takes: '-e -o -p -s -u -E' },
  caffeinate: { takes: '-t -w' },
  xargs: { takes: '-I -L -n -P -s -a -d -E --arg-file --delimiter --max-args --max-procs --max-lines --max-chars' },
  parallel: { takes: '-j -a -I -n -N --jobs --arg-file --colsep --delay --timeout --joblog', joins: true },
  flock: { takes: '-w -E -c --timeout --wait --command', operands: 1, line: '-c --command' },
  su: { takes: '-s -g -G -c --shell --group --command', operands: 1, line: '-c --command' },
  runuser: { takes: '-s -g -G -u -c --shell --user --command', line: '-c --command' },
  script: { takes: '-c --command', line: '-c --command', idle: '-V' },
  watch: { takes: '-n --interval', joins: true },
  eval: { joins: true, isCurrent: true },
  trap: { lineOperand: true },
  sh: SHELL,
  bash: SHELL,
  rbash: SHELL,
  busybox: {},
  toybox: {},
  zsh: SHELL,
  dash: SHELL,
  ash: SHELL,
  ksh: SHELL,
  mksh: SHELL,
  fish: SHELL,
}

export type Wrapped =
  | { readonly kind: 'nothing' }
  /** The command begins at this word. */
  | { readonly kind: 'command'; readonly at: number; readonly folder: string | undefined }
  | {
      readonly kind: 'line'
      readonly line: string
      readonly isCurrent: boolean
      readonly positional?: readonly string[]
    }
  /** A shell that is given no line: what it reads is one. */
  | { readonly kind: 'input' }

/** What the program at this word runs; undefined where it is none that runs another. */
export function unwrapped(words: readonly string[], from: number): Wrapped | undefined {
  const name = words[from]!.split('/').at(-1)!
  const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name]! : undefined
  if (wrapper === undefined) return undefined
  const { takes, operands = 0, isCurrent = false } = wrapper
  const { options, at } = readOptions(words, from + 1, { taking: setOf(takes) })
  const has = (names: string | undefined) => options.some(([option]) => setOf(names).has(option))
  const given = (names: string | undefined) => options.findLast(([option]) => setOf(names).has(option))?.[1]
  const tells = options.some(([option, value]) => TELLING.has(option) || (option === '-o' && value === 'noexec'))
  if (tells || has(wrapper.idle)) return { kind: 'nothing' }
  const line = given(wrapper.line)
  if (line !== undefined) return { kind: 'line', line, isCurrent }
  const first = words[at]
  if (name === 'parallel') return parallelLines(words.slice(at))
  if (wrapper.joins) return { kind: 'line', line: words.slice(at).join(' '), isCurrent }
  if (wrapper.lineOperand || (wrapper.lineOption !== undefined && has(wrapper.lineOption))) {
    return { kind: 'line', line: first ?? '', isCurrent, positional: words.slice(at + 1) }
  }
  if (wrapper.lineOption !== undefined)
    return first === undefined || first === '/dev/stdin' || has('-s') ? { kind: 'input' } : { kind: 'nothing' }
  // `flock FILE -c LINE`, `su USER -c LINE`
  const next = words[at + operands]
  if (next !== undefined && setOf(wrapper.line).has(next)) {
    return { kind: 'line', line: words[at + operands + 1] ?? '', isCurrent }
  }
  return { kind: 'command', at: at + operands, folder: given(wrapper.folder) }
}

/** `parallel COMMAND ::: ARGUMENT …`: each argument in the place of `{}`, or behind the command; without one it is the line. */
function parallelLines(words: readonly string[]): Wrapped {
  const source = words.findIndex(word => /^:::/.test(word))
  const command = words.slice(0, source < 0 ? words.length : source).join(' ')
  if (command === '' && source < 0) return { kind: 'input' }
  const given = source < 0 || words[source]!.startsWith('::::') ? [UNKNOWN] : words.slice(source + 1)
  const lines = given.slice(0, MAX_ARGUMENTS).map(argument => {
    const line = command.replaceAll(/\{[^{}]*\}/g, argument)
    return line === command ? `${command} ${argument}` : line
  })
  return { kind: 'line', line: lines.join('\n'), isCurrent: false }
}
/** The command is read again for each. */
const MAX_ARGUMENTS = 5
