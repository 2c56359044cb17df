import { isUtf8 } from 'node:buffer'
import { parse, TomlError } from 'smol-toml'
import { BusError } from '../bus/errors.ts'
import { nearest } from '../bus/names.ts'
import { lines, quoted, retold, Said, say } from '../bus/say.ts'
import { visible } from '../bus/visible.ts'
import { widthOf } from '../bus/width.ts'
import { readTrustedBytes } from './private-files.ts'

export type Table = Record<string, unknown>

/** What is not there is an empty table. */
export async function readToml(path: string): Promise<Table> {
  const text = decoded(path, readTrustedBytes(path) ?? Buffer.alloc(0))
  try {
    return parse(text)
  } catch (error) {
    throw new BusError('invalid_input', syntaxError(path, text, error as Error), { next: MEND })
  }
}

const MEND = 'Mend the file or remove it.'

/** With other bytes replaced, a rule would be for a name that there is nowhere, and nobody would know. */
function decoded(path: string, bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  // A line end is one byte, and no part of another character.
  const line =
    bytes
      .toString('latin1')
      .split('\n')
      .findIndex(each => !isUtf8(Buffer.from(each, 'latin1'))) + 1
  throw new BusError('invalid_input', say`${path}, line ${line}: expected text in UTF-8, got other bytes`, {
    next: MEND,
  })
}

/** Where it stands in the file, with that line and a mark beneath the place. */
function syntaxError(path: string, text: string, error: Error): Said {
  const [what = ''] = error.message.split('\n')
  if (!(error instanceof TomlError)) return say`${path}: ${retold(what)}`
  const { line, column } = error
  const written = text.split(/\r?\n/)[line - 1] ?? ''
  const from = Math.max(0, column - 1 - BEFORE_CHARS)
  const before = shown(written.slice(from, column - 1))
  const number = `${line} | `
  return lines(
    say`${path}, line ${line}, column ${column}: ${retold(what)}`,
    // What others may have written stands behind our number, on a line that is shown as it is.
    Said.trusted(`  ${number}${before}${shown(written.slice(column - 1, column - 1 + AFTER_CHARS))}`),
    Said.trusted(`  ${' '.repeat(number.length + widthOf(before))}^`),
  )
}

/** A line of a file may be long: what stands around the place is enough, and fits a terminal. */
const BEFORE_CHARS = 40
const AFTER_CHARS = 24

function shown(part: string): string {
  return visible(part.toWellFormed()).replace(/[\t\n]/g, ' ')
}

export function tableIn(file: Table, name: string, path: string): Table {
  const value = file[name] ?? {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Table
  throw new BusError('invalid_input', say`${path}: expected [${name}] to be a table, got ${typeof value}`)
}

export function numberIn(values: Table, name: string, place: string | Said, max?: number): number | undefined {
  const value = values[name]
  if (value === undefined) return undefined
  const isWithin = typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= (max ?? value)
  // A port has a maximum, and no halves.
  if (isWithin && (max === undefined || Number.isInteger(value))) return value
  const wanted = max === undefined ? say('a number from 0') : say`a whole number from 0 to ${max}`
  throw new BusError('invalid_input', say`${place}: expected ${name} to be ${wanted}, got ${written(value)}`)
}

/** A value as a person would write it in the file. */
export function written(value: unknown): Said {
  return typeof value === 'string' ? quoted(value) : say`${String(value)}`
}

export function knownKeys(values: Table, keys: readonly string[], place: string | Said): void {
  const stranger = Object.keys(values).find(key => !keys.includes(key))
  if (stranger === undefined) return
  const [near] = nearest(stranger, keys, 1)
  throw new BusError('invalid_input', say`${place}: expected one of ${keys}, got ${stranger}`, {
    next: near === undefined ? 'Remove it.' : say`Did you mean ${near}?`,
  })
}
