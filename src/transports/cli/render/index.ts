import type { NameOf } from './events.ts'
import type { Look } from './look.ts'
import { plainJson, plainText } from './plain-text.ts'

/** An operation's output for a person: a list or letter of its own, else the short text that models get too. */
export async function humanText(name: string, output: object, look: Look, nameOf?: NameOf): Promise<string> {
  const { renderers } = await import('./renderers.ts')
  const render = renderers[name]
  if (render !== undefined) return render(output as never, look, nameOf)
  const { hasText, textOf } = await import('../../../operations/texts.ts')
  return hasText(name) ? plainText(textOf(name, output as never)) : plainJson(output, 2)
}
