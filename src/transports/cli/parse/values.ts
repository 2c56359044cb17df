import { BusError } from '../../../bus/errors.ts'
import { faultInJson } from '../../../bus/json-text.ts'
import { nearest } from '../../../bus/names.ts'
import { quoted, retold, type Said, say } from '../../../bus/say.ts'
import type { Field } from './fields.ts'

/** Where `-` and `@file` are read from, and where it is told how a word was understood. */
export interface Sources {
  stdin(): Promise<string>
  file(path: string): Promise<string>
  note(text: Said): void
}

/** What was typed for a field: one word, several for a list, nothing but its name for a flag. */
export type Typed = string | readonly string[] | true

/** The input value that was meant. `label` names the field as it was typed: `--limit`, `<value>`. */
export async function fieldValue(field: Field, typed: Typed, label: Said, from: Sources): Promise<unknown> {
  if (field.kind === 'flag') return true
  if (field.kind === 'list') return listValue(field, typed, label)
  const word = typeof typed === 'string' ? typed : String(typed)
  switch (field.kind) {
    case 'number':
      return numberValue(field, word, label)
    case 'json':
      return await jsonValue(word, label, from)
    case 'object':
      return objectValue(word, label)
    default:
      return field.isLong && word === '-' ? withoutLastLineEnd(await from.stdin()) : choice(field, word, label)
  }
}

function listValue(field: Field, typed: Typed, label: Said): string | string[] {
  const words = (typeof typed === 'string' ? [typed] : typed === true ? [] : typed).flatMap(splitAtCommas)
  return words.map(word => choice(field, field.choices === undefined ? word : word.trim(), label))
}

/** At commas outside braces: `src/{a,b}/**` is one glob. Blanks behind a comma go; others may belong to a file's name. */
function splitAtCommas(text: string): string[] {
  const parts = ['']
  let depth = 0
  for (const char of text) {
    if (char === '{') depth++
    if (char === '}') depth = Math.max(0, depth - 1)
    if (char === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += char
  }
  return parts.map((part, at) => (at === 0 ? part : part.trimStart())).filter(part => part.trim() !== '')
}

function choice(field: Field, word: string, label: Said): string {
  if (field.choices === undefined || field.choices.includes(word)) return word
  const [near] = nearest(word, field.choices, 1)
  throw new BusError(
    'invalid_input',
    say`${label}: expected one of ${field.choices}, got ${quoted(word, MAX_QUOTED)}`,
    {
      ...(near === undefined ? {} : { next: say`Did you mean ${near}?` }),
    },
  )
}

function numberValue(field: Field, word: string, label: Said): number {
  const value = word.trim() === '' ? Number.NaN : Number(word)
  const isRight =
    Number.isFinite(value) &&
    (!field.isInteger || Number.isSafeInteger(value)) &&
    value >= (field.min ?? Number.NEGATIVE_INFINITY) &&
    value <= (field.max ?? Number.POSITIVE_INFINITY)
  if (isRight) return value
  throw new BusError('invalid_input', say`${label}: expected ${wantedNumber(field)}, got ${quoted(word, MAX_QUOTED)}`)
}

function wantedNumber({ isInteger, min, max }: Field): Said {
  const kind = say(isInteger ? 'a whole number' : 'a number')
  if (max === undefined) return min === undefined ? kind : say`${kind} from ${min}`
  return say`${kind} from ${min ?? say('-∞')} to ${max}`
}

/** JSON where it is JSON, else the text itself: `42` is a number, `main` is text, `'"42"'` is text too. */
async function jsonValue(word: string, label: Said, from: Sources): Promise<unknown> {
  const text = withoutLastLineEnd(await contentOf(word, label, from))
  const json = asJson(text, label)
  if ('value' in json) return json.value
  if (MEANT_AS_JSON.test(text))
    from.note(say`${label}: this is no JSON (${retold(json.fault)}), so it is stored as text.`)
  return text
}

/** Text that begins or ends as a list, an object or a text of JSON does. */
const MEANT_AS_JSON = /^\s*[[{"]|[\]}"]\s*$/

/** What a text is as JSON, or why it is none. Refused where parsing it would lose something. */
function asJson(text: string, label: Said): { readonly value: unknown } | { readonly fault: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { fault: (error as Error).message }
  }
  const fault = faultInJson(text, 0)
  if (fault !== undefined) throw new BusError('invalid_input', say`${label}: ${retold(fault)}`)
  return { value }
}

async function contentOf(word: string, label: Said, from: Sources): Promise<string> {
  if (word === '-') return await from.stdin()
  if (!word.startsWith('@') || word === '@') return word
  const path = word.slice(1)
  try {
    return await from.file(path)
  } catch (error) {
    throw new BusError(
      'invalid_input',
      say`${label}: expected a readable file, got ${path} (${retold((error as Error).message)})`,
      {
        next: say`For the text itself write it as JSON: '${quoted(word)}'.`,
      },
    )
  }
}

function objectValue(word: string, label: Said): unknown {
  const json = asJson(word, label)
  const value = 'value' in json ? json.value : undefined
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new BusError('invalid_input', say`${label}: expected a JSON object, got ${quoted(word, MAX_QUOTED)}`)
}

function withoutLastLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '')
}

const MAX_QUOTED = 60
