import { randomInt } from 'node:crypto'
import { drawNonce } from '../../../bus/letter.ts'
import { printed, type Said } from '../../../bus/say.ts'
import type { NameOf } from './events.ts'
import type { Look } from './look.ts'
import type { Input } from './renderers.ts'

/** An operation's output for a person: a list or letter of its own, else the short text that models get too. */
export async function humanText(
  name: string,
  output: object,
  look: Look,
  nameOf?: NameOf,
  input?: Input,
): Promise<Said> {
  const { renderers } = await import('./renderers.ts')
  const render = renderers[name]
  if (render !== undefined) return render(output as never, look, nameOf, input)
  const { hasText, textOf } = await import('../../../operations/texts.ts')
  const nonce = drawNonce(() => randomInt(2 ** 32) / 2 ** 32)
  return hasText(name) ? textOf(name, output as never, nonce) : printed(output, 2)
}
