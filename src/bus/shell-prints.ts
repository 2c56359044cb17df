import { UNKNOWN } from './shell-words.ts'

/** What a command prints, for a shell that reads it; a program that is not known passes on what it reads. */
export function printedBy([name, ...rest]: readonly string[], input: string | undefined): string {
  switch (name) {
    case 'echo':
      return echoed(rest)
    case 'printf':
      return formatted(rest[0] === '--' ? rest.slice(1) : rest)
    case 'cat':
      return rest.every(word => word === '-') ? (input ?? UNKNOWN) : `${input ?? ''}\n${UNKNOWN}\n`
    default:
      return input ?? `${UNKNOWN}\n`
  }
}

function echoed(words: readonly string[]): string {
  const first = words.findIndex(word => !/^-[neE]+$/.test(word))
  const text = `${(first < 0 ? [] : words.slice(first)).join(' ')}\n`
  return words.slice(0, Math.max(0, first)).some(option => option.includes('e')) ? unescaped(text) : text
}

/** The format is used again while words are left. */
function formatted([format = '', ...words]: readonly string[]): string {
  const pieces = unescaped(format).split(/%[-+ #0-9.]*[a-zA-Z]/)
  const perRound = pieces.length - 1
  const rounds = perRound === 0 ? 1 : Math.min(MAX_ROUNDS, Math.max(1, Math.ceil(words.length / perRound)))
  let text = ''
  for (let at = 0; at < rounds * perRound; at++) {
    text += pieces[at % perRound]! + (words[at] ?? '')
    if (at % perRound === perRound - 1) text += pieces.at(-1)!
  }
  return perRound === 0 ? pieces[0]! : text
}
/** What is longer, nobody writes by hand. */
const MAX_ROUNDS = 100

function unescaped(text: string): string {
  return text.replaceAll(/\\([nt\\])/g, (_, char: string) => ESCAPED[char]!)
}
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' }
