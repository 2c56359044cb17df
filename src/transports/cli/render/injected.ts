import { joined, type Said, say } from '../../../bus/say.ts'
import type { Injected } from '../../../bus/session.ts'

/** What the bus put into contexts, in a table's cell: `1.2k chars/3 msgs/1 ring`; nothing where it was nothing. */
export function injectedText(injected: Injected | undefined): Said | undefined {
  if (injected === undefined || Object.values(injected).every(count => count === 0)) return undefined
  const { chars, messages, rings } = injected
  return joined('/', [counted(chars, say('char')), counted(messages, say('msg')), counted(rings, say('ring'))])
}

export function sumOf(all: readonly (Injected | undefined)[]): Injected {
  return all.reduce<Injected>(
    (sum, each) => ({
      chars: sum.chars + (each?.chars ?? 0),
      messages: sum.messages + (each?.messages ?? 0),
      rings: sum.rings + (each?.rings ?? 0),
    }),
    { chars: 0, messages: 0, rings: 0 },
  )
}

function counted(count: number, what: Said): Said {
  return say`${shortCount(count)} ${what}${say(count === 1 ? '' : 's')}`
}

function shortCount(count: number): string {
  if (count < 1_000) return String(count)
  // 999,950 would round to 1000.0k.
  const [size, unit] = count < 999_950 ? [1_000, 'k'] : [1_000_000, 'M']
  return `${(count / Number(size)).toFixed(1).replace(/\.0$/, '')}${unit}`
}
