import { appended } from '../../../src/bus/state.ts'
import type { Model } from '../checker.ts'

/** A shared state entry as its callers see it: a register with versions, compare-and-set, append and deletion. */
export type RegisterInput =
  | { readonly do: 'put'; readonly value: unknown; readonly mode?: 'append'; readonly expected?: number }
  | { readonly do: 'delete'; readonly expected?: number }
  | { readonly do: 'get' }

export type RegisterOutput =
  /** By a `put`, with the value that stands there now. */
  | { readonly is: 'written'; readonly version: number; readonly value: unknown }
  | { readonly is: 'deleted'; readonly version: number }
  | { readonly is: 'found'; readonly version: number; readonly value: unknown }
  /** There is no entry. */
  | { readonly is: 'none' }
  /** Refused: the entry has this version, 0 where there is none. */
  | { readonly is: 'stale'; readonly version: number }
  | { readonly is: 'not_appendable' }

export interface RegisterState {
  /** The last version given; it goes on growing through a deletion. */
  readonly version: number
  /** JSON; undefined where there is no entry. */
  readonly text: string | undefined
}

export const register: Model<RegisterState, RegisterInput, RegisterOutput> = {
  init: () => ({ version: 0, text: undefined }),
  digest: state => `${state.version} ${state.text}`,
  step(state, { input, output }) {
    const { next, answer } = applied(state, input)
    const ok = output === undefined || same(answer, output)
    return { ok, state: next }
  },
  describe({ input, output }) {
    const condition = 'expected' in input && input.expected !== undefined ? ` if v${input.expected}` : ''
    const value = input.do === 'put' ? ` ${input.mode ?? ''} ${JSON.stringify(input.value)}` : ''
    return `${input.do}${value}${condition} → ${output === undefined ? 'no answer' : JSON.stringify(output)}`
  },
}

/** What the specification says: the one answer, and the state after it. */
export function applied(state: RegisterState, input: RegisterInput): { next: RegisterState; answer: RegisterOutput } {
  const present = state.text === undefined ? undefined : (JSON.parse(state.text) as unknown)
  if (input.do === 'get') {
    return {
      next: state,
      answer: state.text === undefined ? { is: 'none' } : { is: 'found', version: state.version, value: present },
    }
  }
  const current = state.text === undefined ? 0 : state.version
  if (input.do === 'delete' && current === 0) return { next: state, answer: { is: 'none' } }
  if (input.expected !== undefined && input.expected !== current) {
    return { next: state, answer: { is: 'stale', version: current } }
  }
  const version = state.version + 1
  if (input.do === 'delete') return { next: { version, text: undefined }, answer: { is: 'deleted', version } }
  if (input.mode === undefined) return written(version, input.value)
  const longer = appended(present, input.value)
  return longer.ok ? written(version, longer.value) : { next: state, answer: { is: 'not_appendable' } }
}

function written(version: number, value: unknown): { next: RegisterState; answer: RegisterOutput } {
  return { next: { version, text: JSON.stringify(value) }, answer: { is: 'written', version, value } }
}

function same(a: RegisterOutput, b: RegisterOutput): boolean {
  if (a.is !== b.is) return false
  if ('version' in a && 'version' in b && a.version !== b.version) return false
  return !('value' in a && 'value' in b) || JSON.stringify(a.value) === JSON.stringify(b.value)
}
