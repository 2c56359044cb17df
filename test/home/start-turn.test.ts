import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createStartTurn, endStartTurn } from '../../src/home/start-turn.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swb-turn-'))
  file = join(folder, 'hub.starting')
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

describe('of programs that start a hub', () => {
  it('one has its turn, again and again, and the others have none', () => {
    const [first, second] = [createStartTurn(file), createStartTurn(file)]
    expect([first.take(), second.take(), first.take(), second.take()]).toEqual([true, false, true, false])
  })

  it('the next has its turn when that of the first has ended, by itself or by the hub', () => {
    const [first, second] = [createStartTurn(file), createStartTurn(file)]
    first.take()
    first.end()
    expect(existsSync(file)).toBe(false)
    expect(second.take()).toBe(true)
    endStartTurn(file)
    expect(createStartTurn(file).take()).toBe(true)
  })

  it('none ends the turn of another', () => {
    const [first, second] = [createStartTurn(file), createStartTurn(file)]
    first.take()
    second.take()
    second.end()
    expect(second.take()).toBe(false)
  })

  it('the next does not wait for ever for one that was killed, nor for each that comes by in between', () => {
    createStartTurn(file).take()
    const next = createStartTurn(file)
    expect(next.take()).toBe(false)
    vi.advanceTimersByTime(2_900)
    expect([next.take(), createStartTurn(file).take()]).toEqual([false, false])
    vi.advanceTimersByTime(200)
    expect(next.take()).toBe(true)
  })

  it('each has its turn where the file cannot be made', () => {
    const nowhere = join(folder, 'missing', 'hub.starting')
    expect([createStartTurn(nowhere).take(), createStartTurn(nowhere).take()]).toEqual([true, true])
  })
})
