import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { operations } from '../../src/operations/index.ts'
import { openWorld } from './world.ts'

type Schema = z.core.$ZodType

/** What a program fills in, and what an older program may have written and a reader must be able to name. */
const MAY_BE_UNSEEN = [
  'get_state.key',
  'delete_state.key',
  'check_git.command',
  ...['register', 'heartbeat', 'list_sessions'].map(each => `${each}.facts.repo`),
  ...['register', 'heartbeat'].flatMap(each => [`${each}.facts.branch`, `${each}.facts.title`]),
  ...['claim', 'release', 'list_claims', 'check_edit', 'note_edit'].map(each => `${each}.facts.repo`),
]

const fields = operations.flatMap(({ name, input }) => textsIn(input, name))

/** The fields of free text, by their names, whatever they are within. */
function textsIn(schema: Schema, name: string): { name: string; schema: Schema }[] {
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape).flatMap(([field, inner]) => textsIn(inner, `${name}.${field}`))
  }
  if (schema instanceof z.ZodArray) return textsIn(schema.element, name)
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(option => textsIn(option, name))
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodReadonly) return textsIn(schema.def.innerType, name)
  if (schema instanceof z.ZodUnknown) return []
  return z.safeParse(schema, 'seen').success ? [{ name, schema }] : []
}

describe('a text in which nothing is seen', () => {
  it.each(fields.filter(({ name }) => !MAY_BE_UNSEEN.includes(name)))('is refused as $name', ({ schema }) => {
    for (const unseen of [' ', '\t\n', '\u200b', '\u00a0\u2800', '\u3164', '\u001b[31m\u001b[0m']) {
      expect(z.safeParse(schema, unseen).success, JSON.stringify(unseen)).toBe(false)
    }
    for (const seen of ['x', ' x', '本', '\u200bx', '\u001b[31mx']) {
      expect(z.safeParse(schema, seen).success, JSON.stringify(seen)).toBe(true)
    }
  })

  it('is looked for in every field', () => {
    const names = fields.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['publish.text', 'publish.to', 'publish.tags', 'register.owns']))
    expect(names).toEqual(expect.arrayContaining(MAY_BE_UNSEEN))
  })

  it('is refused in words, and stores nothing', async () => {
    const { operator } = await openWorld()
    await expect(operator('publish', { text: '\u200b' })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('`text`: expected characters that are seen, got none'),
    })
    await expect(operator('register', { name: '\u200b' })).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(operator('list_claims', { repo: '\u200b' })).rejects.toMatchObject({ code: 'invalid_input' })
    expect((await operator('get_events', {})).events).toEqual([])
  })
})
