import { expect, it } from 'vitest'
import { nearest } from '../../src/bus/names.ts'

it('a misspelt name finds its neighbours, the nearest first', () => {
  expect(nearest('bakend', ['frontend', 'backend', 'docs'])).toEqual(['backend'])
  expect(nearest('rev', ['reviewer', 'dev'])).toEqual(['reviewer', 'dev'])
  expect(nearest('zzz', ['reviewer', 'backend'])).toEqual([])
})
