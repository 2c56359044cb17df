import { describe, expect, it } from 'vitest'
import { drawCodename } from '../../src/bus/codename.ts'
import { cleanName, defaultName, freeName, nearest } from '../../src/bus/names.ts'

describe('a name', () => {
  it('keeps what may stand in an address list', () => {
    expect(cleanName('feature/auth')).toBe('feature/auth')
    expect(cleanName(' my  back:end, ')).toBe('my-back-end')
  })

  it('loses control bytes, because names are printed to terminals', () => {
    expect(cleanName('a\u001b[31mb\u0007')).toBe('a[31mb')
  })

  it('is never one that addresses something else', () => {
    expect(cleanName('all')).toBe('all-1')
    expect(cleanName('operator')).toBe('operator-1')
    expect(cleanName('\u0000')).toBe('session')
  })

  it('that is taken gets the first free number', () => {
    expect(freeName('api', new Set())).toBe('api')
    expect(freeName('api', new Set(['api', 'api-2']))).toBe('api-3')
  })

  it('is by default the branch, or the folder on a trunk', () => {
    expect(defaultName({ branch: 'feature/auth', cwd: '/src/api' })).toBe('feature/auth')
    expect(defaultName({ branch: 'main', worktree: '/src/api' })).toBe('api')
    expect(defaultName({ cwd: 'C:\\src\\web' })).toBe('web')
    expect(defaultName({})).toBe('session')
  })
})

it('a misspelt name finds its neighbours, the nearest first', () => {
  expect(nearest('bakend', ['frontend', 'backend', 'docs'])).toEqual(['backend'])
  expect(nearest('rev', ['reviewer', 'dev'])).toEqual(['reviewer', 'dev'])
  expect(nearest('zzz', ['reviewer', 'backend'])).toEqual([])
})

it('a codename is two words, chosen by the given chance', () => {
  expect(drawCodename(() => 0)).toBe('able-acorn')
  expect(drawCodename(() => 0.999_999)).toMatch(/^[a-z]+-[a-z]+$/)
})
