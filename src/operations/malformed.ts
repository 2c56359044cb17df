import type { z } from 'zod'
import { shortened } from '../bus/cut.ts'

type Issue = z.core.$ZodIssue

/**
 * What is wrong with an input, in the words of every other refusal: what was expected, what came. The schemas' library
 * speaks of types and comparisons, which neither a person nor a model has written.
 */
export function malformed(issue: Issue, input: unknown): string {
  const field = issue.path.join('.')
  const value = valueAt(input, issue.path)
  return `${field === '' ? '' : `${field}: `}${said(issue, value)}`
}

function said(issue: Issue, value: unknown): string {
  if (issue.code === 'custom') return issue.message
  if (issue.code === 'unrecognized_keys') {
    return `expected none but known fields, got ${issue.keys.map(key => `\`${shortened(key, MAX_QUOTED)}\``).join(', ')}`
  }
  return `expected ${wanted(issue)}, got ${came(value, issue)}`
}

function wanted(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? issue.expected
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`
    case 'invalid_union':
      return [...new Set(issue.errors.flatMap(([first]) => (first === undefined ? [] : [wanted(first)])))].join(' or ')
    case 'too_small':
      return bound('at least', issue.origin, issue.minimum)
    case 'too_big':
      return bound('at most', issue.origin, issue.maximum)
    case 'invalid_format':
      return FORMATS[issue.format] ?? issue.format
    default:
      return 'something else'
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

/** Of what came: enough to know it again. */
const MAX_QUOTED = 60

const FORMATS: Readonly<Record<string, string>> = { datetime: 'a time such as 2026-01-31T12:00:00Z' }

function bound(how: string, origin: string, limit: number | bigint): string {
  const units = { string: 'character', array: 'item' }[origin]
  return units === undefined ? `${how} ${limit}` : `${how} ${limit} ${units}${limit === 1 ? '' : 's'}`
}

function came(value: unknown, issue: Issue): string {
  if (value === undefined) return 'nothing'
  const isSized = issue.code === 'too_small' || issue.code === 'too_big'
  if (isSized && typeof value === 'string' && value.trim() === '') return value === '' ? 'none' : 'blanks only'
  if (isSized && (typeof value === 'string' || Array.isArray(value))) return String(value.length || 'none')
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'string' ? JSON.stringify(shortened(value, MAX_QUOTED)) : String(value)
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input)
}
