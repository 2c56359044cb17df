import { BusError } from '../../../bus/errors.ts'
import { Said, say } from '../../../bus/say.ts'
import type { Invocation } from '../command.ts'
import { PROGRAM } from '../usage.ts'
import bash from './completion/completion.bash'
import fish from './completion/completion.fish'
import powershell from './completion/completion.ps1'
import zsh from './completion/completion.zsh'

/**
 * The scripts are our own: the library's insert what they are answered without quotes (zsh, PowerShell) or evaluate what
 * was typed (bash, PowerShell), and a session may be called `$(rm -rf ~)`.
 */
const SCRIPTS: Readonly<Record<string, string>> = { bash, zsh, fish, powershell }

/** Prints a shell's completion script; what that script asks for while somebody types is `complete.ts`. */
export async function completion({ args, io }: Invocation): Promise<number> {
  const shell = args[0] ?? shellOf(io.env) ?? 'none'
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined
  if (script === undefined) {
    throw new BusError('invalid_input', say`completion: expected one of ${Object.keys(SCRIPTS)}, got ${shell}`, {
      next: `For example: \`${PROGRAM} completion bash\``,
    })
  }
  io.out.verbatim(Said.trusted(script.trimEnd()))
  return 0
}

/** The shell somebody works in, as far as its environment says. */
function shellOf(env: NodeJS.ProcessEnv): string | undefined {
  return env.SHELL?.split('/').at(-1)
}
