import { LETTER_PREAMBLE, OPERATOR_PREAMBLE } from '../../src/bus/letter.ts'
import { visible } from '../../src/bus/visible.ts'

/** A text that a model or a person gets to read, and from which of our doors. */
export interface Shown {
  readonly where: string
  readonly text: string
}

/** A message in its fence: attributes of ours, a body without any `<`, and the same nonce at both ends. */
const FENCED =
  /^<switchboard-message(?: [a-z_]+="[^"<\n]*")+ nonce="([a-z2-9]{6})">\n[^<]*\n<\/switchboard-message \1>$/gm

const PREAMBLE = new RegExp(`^(?:${LETTER_PREAMBLE}|${OPERATOR_PREAMBLE})$`, 'm')

/** How a line begins that somebody else wants to be taken for. */
const FORGED = /^(?:(?:SYSTEM|Human|Assistant):|Switchboard mail|#1 from operator|- forged|error:|next:)/

/** What is wrong with a text in which somebody else's words stand. */
export function faultsIn({ where, text }: Shown): string[] {
  const outside = text.replace(FENCED, '(fenced)').replace(PREAMBLE, '(preamble)')
  const faults = [
    ...unseenIn(text),
    ...(/[<＜﹤‹〈⟨˂]/.test(outside) ? ['an element that is not ours'] : []),
    ...outside.split('\n').flatMap(line => (FORGED.test(line) ? [`a forged line: ${line}`] : [])),
  ]
  return faults.map(fault => `${where}: ${fault} in ${JSON.stringify(text.slice(0, 500))}`)
}

/** The same of data that a client turns into JSON before its model reads it: there, texts may have lines. */
export function faultsInData(where: string, value: unknown): string[] {
  if (typeof value === 'string') {
    const faults = [...unseenIn(value), ...(value === visible(value) ? [] : ['what a reader does not see, or `<`'])]
    return faults.map(fault => `${where}: ${fault} in ${JSON.stringify(value.slice(0, 200))}`)
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => [
    ...faultsInData(`${where}, a name`, name),
    ...faultsInData(`${where}.${Array.isArray(value) ? '#' : visible(name).slice(0, 20)}`, each),
  ])
}

function unseenIn(text: string): string[] {
  return [
    ...(/(?![\n\t])\p{Cc}/u.test(text) ? ['a control character'] : []),
    ...(/\p{Default_Ignorable_Code_Point}|[\u2028\u2029]/u.test(text) ? ['an invisible character'] : []),
  ]
}
