import tab from '@bomb.sh/tab'
import { BusError } from '../../../bus/errors.ts'
import type { Invocation } from '../command.ts'
import { PROGRAM } from '../usage.ts'

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const

/** Prints a shell's completion script; what that script asks for while somebody types is `complete.ts`. */
export async function completion({ args, io }: Invocation): Promise<number> {
  const shell = args[0] ?? shellOf(io.env)
  if (!(SHELLS as readonly string[]).includes(shell ?? '')) {
    throw new BusError('invalid_input', `completion: expected one of ${SHELLS.join(', ')}, got ${shell ?? 'none'}`, {
      next: `For example: ${PROGRAM} completion bash`,
    })
  }
  // It prints by itself, to stdout.
  tab.setup(PROGRAM, PROGRAM, shell!)
  return 0
}

/** The shell somebody works in, as far as its environment says. */
function shellOf(env: NodeJS.ProcessEnv): string | undefined {
  return env.SHELL?.split('/').at(-1)
}
