import { z } from 'zod'
import { LEVELS, URGENCIES } from '../bus/event.ts'
import { globFault } from '../bus/glob.ts'
import { LIMITS } from '../bus/limits.ts'
import { RECEIPT_STATES } from '../bus/receipt.ts'
import { ACTIVITIES } from '../bus/session.ts'
import { cleanName, oneWord, plainName } from '../bus/session-name.ts'
import { isSeen } from '../bus/visible.ts'

/** Fields and results that several operations share. Descriptions are for models: short. */
const UNSEEN = { error: 'expected characters that are seen, got none' }
/** Whether there is nothing, of which `min` tells, or something that a reader sees. */
function isEmptyOrSeen(written: string): boolean {
  return written === '' || isSeen(written)
}
/** A text in which a reader sees something. */
export function seenText(maxChars: number) {
  return emptiableText(maxChars).min(1)
}
/** One that may be left empty, or is emptied: a text that only looks empty is neither. */
export function emptiableText(maxChars: number) {
  return z.string().max(maxChars).refine(isEmptyOrSeen, UNSEEN)
}
export const name = z.string().trim().min(1).max(LIMITS.nameChars).refine(isEmptyOrSeen, UNSEEN)
/** What an address names (`topic:ci`): blanks and signs of an address become dashes, and what is not seen goes. */
export const label = name.transform(written => plainName(written)).refine(written => written !== '', UNSEEN)
/** Shown beside the session's name, so that it must not be taken for somebody else's either. */
export const role = label.transform(cleanName)
export const eventId = z.int().min(0)
/** As it is: the name of a file may begin and end in a blank. */
export const path = seenText(LIMITS.pathChars)
/** A path or glob, as a claim or what a session owns is written. */
export const glob = path.refine(written => globFault(written) === undefined, {
  error: issue => globFault(String(issue.input)),
})
export const globs = z
  .array(glob)
  .max(LIMITS.ownedGlobs)
  .refine(all => all.join('').length <= LIMITS.ownedChars, {
    error: `expected at most ${LIMITS.ownedChars} characters in all`,
  })
export const key = seenText(LIMITS.keyChars)
export const note = emptiableText(LIMITS.noteChars)
export const level = z.enum(LEVELS)
export const urgency = z.enum(URGENCIES)
export const activity = z.enum(ACTIVITIES)
export const time = z.iso.datetime()

/**
 * What free JSON may be, spelled out: some clients send objects as text where the schema is `{}`, and some refuse a list
 * without a schema of its items.
 */
const ANY_ITEM = ['string', 'number', 'boolean', 'object'].map(type => ({ type }) as const)
/** A list of so many characters of JSON has at most half as many items. */
function anyJson(maxChars: number) {
  const list = { type: 'array', items: { anyOf: ANY_ITEM }, maxItems: Math.floor(maxChars / 2) }
  return [...ANY_ITEM, list, { type: 'null' }] as const
}

/** JSON of bounded size and depth: deeper input parses but cannot be printed again. */
export function jsonValue(maxChars: number) {
  return z
    .unknown()
    .meta({ anyOf: anyJson(maxChars) })
    .superRefine((value, context) => {
      if (value === undefined) {
        context.addIssue({ code: 'custom', message: 'expected a JSON value' })
        return
      }
      if (isDeeperThan(LIMITS.jsonDepth, value)) {
        context.addIssue({ code: 'custom', message: `expected at most ${LIMITS.jsonDepth} levels of nesting` })
        return
      }
      const chars = JSON.stringify(value).length
      if (chars > maxChars) {
        context.addIssue({ code: 'custom', message: `expected at most ${maxChars} characters of JSON, got ${chars}` })
      }
    })
}

/** Lists and objects within each other. */
function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const child of Object.values(value)) if (isDeeperThan(levels - 1, child)) return true
  return false
}

export const eventShape = z.object({
  id: z.int(),
  type: z.string(),
  channel: z.string(),
  from: z.string(),
  text: z.string(),
  title: z.string().optional(),
  tags: z.array(z.string()).readonly().optional(),
  level,
  urgency,
  reply_to: z.int().optional(),
  thread: z.string().optional(),
  held: z.string().optional(),
  continues: z.int().optional().describe('the held event that goes on as this one'),
  data: z.unknown().optional(),
  at: time,
})

/** What is to become of something that an agent is about to do. */
export const decision = z.enum(['none', 'warn', 'ask', 'deny'])

export const receiptState = z.enum(RECEIPT_STATES)

/** What a session's own side knows of its surroundings. Filled in by programs, never by a model. */
export const facts = z.strictObject({
  agent: name.optional(),
  machine: label.optional(),
  repo: z.string().max(300).transform(oneWord).optional(),
  worktree: path.optional(),
  gitdir: path.optional(),
  branch: z.string().max(300).optional(),
  cwd: path.optional(),
  pane: name.optional(),
  mode: name.optional(),
  run: name.optional(),
  /** What the session was named at its agent's client, where that was given to it; what is not seen gives no name. */
  title: z.string().trim().min(1).max(LIMITS.nameChars).optional(),
  /** Client id of the session that this one was forked from. */
  parent: name.optional(),
  /** Client ids that this session was known under before, the latest first, where the hub may not have heard of the change. */
  known_as: z.array(name).max(10).optional(),
})

/** What the caller's program knows of the disk that an absolute path lies on, and of the repository; its hub may not. */
export const pathFacts = z
  .strictObject({ repo: facts.shape.repo, worktree: facts.shape.worktree, ignores_case: z.boolean().optional() })
  .describe('filled in by programs: the repository that the path lies in')

export const peerShape = z.object({
  name: z.string(),
  codename: z.string(),
  role: z.string().optional(),
  summary: z.string().optional(),
  branch: z.string().optional(),
  activity: activity.optional(),
  waiting_for: z.string().optional(),
  presence: z.enum(['online', 'idle', 'stale', 'gone']),
})
