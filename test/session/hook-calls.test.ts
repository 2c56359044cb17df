import { describe, expect, it } from 'vitest'
import { createHookCalls, type Waiting } from '../../src/session/hook-calls.ts'

const WITH_LETTERS = '{"hookSpecificOutput":{"additionalContext":"a letter"}}'

/** Hooks whose answers come when the test lets them. */
function begun() {
  const unheard: string[] = []
  const answers: [id: unknown, result: object][] = []
  const asked: { fields: Record<string, unknown>; waiting: Waiting; settle: (text: string) => void }[] = []
  const take = createHookCalls({
    hook: (fields, waiting) => new Promise(settle => asked.push({ fields, waiting, settle })),
    onUnheard: what => unheard.push(what),
  })
  return {
    unheard,
    answers,
    asked,
    call: (name: string, id: unknown, input = {}) =>
      take({ method: 'tools/call', id, params: { name, arguments: input } }, result => answers.push([id, result])),
    cancel: (requestId?: unknown) =>
      take({ method: 'notifications/cancelled', params: { requestId } }, () => expect.unreachable()),
    take,
    settled: () => new Promise(resolve => setImmediate(resolve)),
  }
}

describe('a hook', () => {
  it('is answered with the text that was made for it', async () => {
    const { call, asked, answers, settled } = begun()
    expect(call('hook', 7, { event: 'Stop' })).toBe(true)
    expect(asked[0]!.fields).toEqual({ event: 'Stop' })
    asked[0]!.settle('{}')
    await settled()
    expect(answers).toEqual([[7, { content: [{ type: 'text', text: '{}' }] }]])
  })

  it('that was cancelled is told so and gets no answer', async () => {
    const { call, cancel, asked, answers, unheard, settled } = begun()
    call('hook', 7)
    expect(cancel(7)).toBe(true)
    expect(asked[0]!.waiting.isCancelled).toBe(true)
    asked[0]!.settle(WITH_LETTERS)
    await settled()
    expect([answers, unheard]).toEqual([[], []])
  })

  it('whose letters crossed with its cancelling is known as unheard', async () => {
    const { call, cancel, asked, unheard, settled } = begun()
    call('hook', 'a')
    asked[0]!.settle(WITH_LETTERS)
    await settled()
    expect(cancel('a')).toBe(false)
    expect(unheard).toEqual(['hook'])
  })

  it('that said nothing is not missed when it is cancelled late', async () => {
    const { call, cancel, asked, unheard, settled } = begun()
    call('hook', 7)
    asked[0]!.settle('{}')
    await settled()
    cancel(7)
    expect(unheard).toEqual([])
  })
})

describe('a call of inbox', () => {
  it('that is cancelled is known as unheard, and still the server’s to end', () => {
    const { call, cancel, unheard } = begun()
    expect(call('inbox', 3)).toBe(false)
    expect(cancel(3)).toBe(false)
    expect(unheard).toEqual(['inbox'])
  })

  it('that only peeks takes nothing away', () => {
    const { call, cancel, unheard } = begun()
    call('inbox', 3, { peek: true })
    cancel(3)
    expect(unheard).toEqual([])
  })
})

it('what is nothing of its own goes on to the server', () => {
  const { call, cancel, take, asked, unheard } = begun()
  expect(call('publish', 1)).toBe(false)
  expect(call('hook', undefined)).toBe(false)
  expect(call('hook', { not: 'an id' })).toBe(false)
  expect(take({ method: 'tools/list', id: 2 }, () => expect.unreachable())).toBe(false)
  expect(cancel()).toBe(false)
  expect([asked, unheard]).toEqual([[], []])
})
