import { parse } from 'smol-toml'
import { BusError } from '../bus/errors.ts'
import { nearest } from '../bus/names.ts'
import { quoted, retold, type Said, say } from '../bus/say.ts'
import { readTrusted } from './private-files.ts'

export type Table = Record<string, unknown>

/** What is not there is an empty table. */
export async function readToml(path: string): Promise<Table> {
  const text = readTrusted(path)
  try {
    return parse(text ?? '')
  } catch (error) {
    throw new BusError('invalid_input', say`${path}: ${retold((error as Error).message)}`, {
      next: 'Mend the file or remove it.',
    })
  }
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
