import tab from '@bomb.sh/tab'
import { BusError } from '../../../bus/errors.ts'
import { Said, say } from '../../../bus/say.ts'
import type { Invocation } from '../command.ts'
import { PROGRAM } from '../usage.ts'
import bashScript from './completion.bash'

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const

/** Prints a shell's completion script; what that script asks for while somebody types is `complete.ts`. */
export async function completion({ args, io }: Invocation): Promise<number> {
  const shell = args[0] ?? shellOf(io.env)
  if (!(SHELLS as readonly string[]).includes(shell ?? '')) {
    throw new BusError('invalid_input', say`completion: expected one of ${SHELLS}, got ${shell ?? 'none'}`, {
      next: `For example: ${PROGRAM} completion bash`,
    })
  }
  if (shell === 'bash') {
    // The library's own stands on the package bash-completion, evaluates what was typed, and can not be read twice.
    io.out.line(Said.trusted(bashScript.trimEnd()))
    return 0
  }
  // It prints by itself, to stdout, and for one name.
  if (shell === 'zsh') io.out.line(say`#compdef ${PROGRAM} ${SHORT}\ncompdef _${PROGRAM} ${SHORT}`)
  tab.setup(PROGRAM, PROGRAM, shell!)
  if (shell === 'fish') io.out.line(say`complete -c ${SHORT} -w ${PROGRAM}`)
  if (shell === 'powershell') {
    io.out.line(say`Register-ArgumentCompleter -CommandName '${SHORT}' -ScriptBlock $__${PROGRAM}CompleterBlock`)
  }
  return 0
}

/** The program's other name; see `bin` in package.json. */
const SHORT = 'swb'

/** The shell somebody works in, as far as its environment says. */
function shellOf(env: NodeJS.ProcessEnv): string | undefined {
  return env.SHELL?.split('/').at(-1)
}
