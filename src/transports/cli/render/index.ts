import { randomInt } from 'node:crypto'
import { drawNonce } from '../../../bus/letter.ts'
import { printed, type Said } from '../../../bus/say.ts'
import { PROGRAM } from '../usage.ts'
import type { NameOf } from './events.ts'
import type { Look } from './look.ts'
import { inRows } from './rows.ts'
import { spoken } from './spoken.ts'

/** An operation's output for a person: a list or letter of its own, else the short text that models get too. */
export async function humanText(name: string, output: object, look: Look, nameOf?: NameOf): Promise<Said> {
  return inRows(await rendered(name, output, look, nameOf), look)
}

async function rendered(name: string, output: object, look: Look, nameOf?: NameOf): Promise<Said> {
  const { renderers } = await import('./renderers.ts')
  const render = renderers[name]
  if (render !== undefined) return render(output as never, look, nameOf)
  const { hasText, textOf } = await import('../../../operations/texts.ts')
  const nonce = drawNonce(() => randomInt(2 ** 32) / 2 ** 32)
  return hasText(name) ? spoken(textOf(name, output as never, nonce), PROGRAM) : printed(output, 2)
}
