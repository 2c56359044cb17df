import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AST, RegExpParser, visitRegExpAST } from '@eslint-community/regexpp'
import { parseSync } from '@swc/core'
import { getFirstConsumedChar, type ReadonlyFlags } from 'regexp-ast-analysis'
import { analyse } from 'scslre'
import { describe, expect, it, vi } from 'vitest'

const SOURCE = join(import.meta.dirname, '../../../src')

interface Expression {
  readonly file: string
  readonly source: string
  readonly flags: string
}

/** Regular expressions that are written in a file, and how many it puts together by `RegExp`. */
function expressionsIn(file: string, code: string): { file: string; written: Expression[]; built: number } {
  const written: Expression[] = []
  let built = 0
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { type, pattern, flags, callee } = node as Record<string, string> & { callee?: { value?: string } }
    if (type === 'RegExpLiteral') written.push({ file, source: pattern!, flags: flags! })
    if (callee?.value === 'RegExp') built++
    for (const each of Object.values(node)) visit(each)
  }
  visit(parseSync(code, { syntax: 'typescript', target: 'es2022' }))
  return { file, written, built }
}

/** Those that a file puts together while it is loaded. */
async function builtBy(file: string): Promise<Expression[]> {
  const built: Expression[] = []
  const construct = (target: RegExpConstructor, [source, flags = '']: [string, string?]) => {
    // What it imports is loaded with it, and may put together some of its own.
    if (new Error().stack?.includes(`/${file}:`)) built.push({ file, source, flags })
    return new target(source, flags)
  }
  vi.stubGlobal(
    'RegExp',
    new Proxy(RegExp, { construct, apply: (target, _, args) => construct(target, args as never) }),
  )
  vi.resetModules()
  try {
    await import(/* @vite-ignore */ join(SOURCE, file))
  } finally {
    vi.unstubAllGlobals()
  }
  return built
}

/**
 * Why matching may take more than linear time. `scslre` finds repetitions that can take each other's characters; it does
 * not look at alternatives of one repetition, so two of those must not begin with the same character.
 */
function faultsOf({ source, flags }: Pick<Expression, 'source' | 'flags'>): string[] {
  const found = analyse({ source, flags }).reports.map(({ type }) => `${type} of repetitions`)
  const sets = { unicode: flags.includes('u'), unicodeSets: flags.includes('v') }
  const pattern = new RegExpParser().parsePattern(source, 0, source.length, sets)
  const read = { ...sets, ignoreCase: flags.includes('i'), dotAll: flags.includes('s') } satisfies ReadonlyFlags
  visitRegExpAST(pattern, {
    onQuantifierEnter({ max, element }) {
      if (max === Number.POSITIVE_INFINITY && areAmbiguous(element, read)) found.push('alternatives that meet')
    },
  })
  return found
}

function areAmbiguous(element: AST.Element, flags: ReadonlyFlags): boolean {
  if (element.type !== 'Group' && element.type !== 'CapturingGroup') return false
  const firsts = element.alternatives.map(each => getFirstConsumedChar(each, 'ltr', flags))
  return firsts.some((first, i) => firsts.slice(i + 1).some(other => !first.char.isDisjointWith(other.char)))
}

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
const found = files.map(file => expressionsIn(file.replaceAll('\\', '/'), readFileSync(join(SOURCE, file), 'utf8')))
const written = found.flatMap(each => each.written)

function faulty(expression: Expression): string[] {
  return faultsOf(expression).map(fault => `${expression.file}: /${expression.source}/ (${fault})`)
}

describe('the time of a regular expression is linear in the length of its text', () => {
  it('for each that is written in the program', () => {
    expect(written.length).toBeGreaterThan(100)
    expect(written.flatMap(faulty)).toEqual([])
  })

  it('and for each that is put together, which is done where its file is loaded and it can be seen', async () => {
    const builders = found.filter(({ built }) => built > 0)
    expect(builders.length).toBeGreaterThan(0)
    for (const { file, built } of builders) {
      const expressions = await builtBy(file)
      expect([file, expressions.length]).toEqual([file, built])
      expect(expressions.flatMap(faulty)).toEqual([])
    }
  })

  it.each([
    '(a+)+$',
    '^(a|a)*$',
    '^(\\w|\\d)+$',
    '^(?:a|ab|b)*c',
    '^(\\w+\\s?)*$',
    'a*a*b',
    '(.*),(.*)x',
    '\\s+$',
    '^(?=(a+)+$)',
    '^(?:[a-z]+|[a-z]+\\d)*$',
  ])('which /%s/ would not be', source => {
    expect(faultsOf({ source, flags: '' })).not.toEqual([])
  })
})
