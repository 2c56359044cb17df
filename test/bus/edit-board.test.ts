import { expect, it } from 'vitest'
import { EDIT_MEMORY_MS, EditBoard } from '../../src/bus/edit-board.ts'

const file = { area: 'r', path: 'src/a.ts' }

it('an edit is told to the latest others that edited the file, each of them once', () => {
  const board = new EditBoard()
  for (let n = 0; n < 30; n++) board.note(file, `s${n}`, n)
  board.note(file, 's15', 30)
  const others = board.note(file, 'me', 31)
  const latest = Array.from({ length: 19 }, (_, n) => `s${n + 11}`)
  expect(others).toEqual([...latest.filter(id => id !== 's15'), 's15'])
  expect(board.shouldTell(file, 'me', 's15', 31)).toBe(true)
  expect(board.shouldTell(file, 's15', 'me', 32)).toBe(false)
})

it('what is longer ago than the memory is forgotten', () => {
  const board = new EditBoard()
  board.note(file, 'a', 0)
  expect(board.shouldTell(file, 'a', 'b', 0)).toBe(true)
  expect(board.note(file, 'b', EDIT_MEMORY_MS)).toEqual(['a'])
  expect(board.shouldTell(file, 'a', 'b', EDIT_MEMORY_MS)).toBe(false)
  expect(board.note(file, 'c', EDIT_MEMORY_MS + 1)).toEqual(['b'])
  expect(board.shouldTell(file, 'a', 'b', EDIT_MEMORY_MS + 1)).toBe(true)
})

it('asking whether to tell looks at no more than what is forgotten', () => {
  const board = new EditBoard()
  for (let n = 0; n < 50_000; n++) board.shouldTell({ area: 'r', path: `${n}` }, 'a', 'b', 0)
  // Only the latest are remembered.
  expect(board.shouldTell({ area: 'r', path: '0' }, 'a', 'b', 0)).toBe(true)
  expect(board.shouldTell({ area: 'r', path: '49999' }, 'a', 'b', 0)).toBe(false)
})
