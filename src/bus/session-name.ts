import { looksLikeCodename } from './codename.ts'
import { cutTo } from './cut.ts'
import { LIMITS } from './limits.ts'
import { skeletonOf } from './skeleton.ts'

/**
 * What sessions may be called. A name is read by people and models and written as an address, so it looks like nobody
 * and nothing else: it has no blanks, no signs of an address, nothing that is not seen; and it is, and looks like, no
 * word that means something else, no id and no codename.
 */

/** Names of somebody else, and kinds of channels. */
const RESERVED = [
  ...['all', 'operator', 'system', 'switchboard', 'me'],
  ...['repo', 'machine', 'role', 'topic', 'session'],
]

/** A session that nothing is known of. */
const NAMELESS = 'agent'

/** Leaves room within `LIMITS.nameChars` for the number of a taken one. */
const MAX_NAME_CHARS = 100

/** The wanted name, or what it becomes where a session may not be called so. */
export function cleanName(wanted: string): string {
  const name = plainName(withoutIdPrefix(plainName(wanted)), MAX_NAME_CHARS) || NAMELESS
  return otherMeaning(name) === undefined ? name : `${name}-1`
}

/** The client id of a client that has no other, and is the same one when it asks for the same name again. */
export function clientIdOf(wanted: string): string {
  return `${OF_NAME}${cleanName(wanted)}`
}

/** The name that a client id is made of; undefined for all others. */
export function nameIn(clientId: string | undefined): string | undefined {
  return clientId?.startsWith(OF_NAME) ? clientId.slice(OF_NAME.length) : undefined
}

const OF_NAME = 'name:'

/** What a name would be taken for. */
export type OtherMeaning = 'reserved' | 'number' | 'codename'

export function otherMeaning(name: string): OtherMeaning | undefined {
  if (/^#?\p{N}+$/u.test(name)) return 'number'
  if (looksLikeCodename(name)) return 'codename'
  return reservedLooks().has(wordLook(name)) ? 'reserved' : undefined
}

/**
 * A name, role, topic or machine as it stands in an address list: on one line, without blanks and signs of an address.
 * Empty where nothing of it is seen.
 */
export function plainName(written: string, maxChars: number = LIMITS.nameChars): string {
  let name = written
  // What normalisation makes of a sign may have to be cleaned in its turn; what is clean stays as it is.
  for (let before: string | undefined; before !== name; ) {
    before = name
    name = cutTo(cleaned(name), maxChars)
  }
  return name
}

/** On one line, without blanks, and with nothing that is not seen: otherwise as it was written. */
export function oneWord(written: string): string {
  return written.replace(BLANKS, '-').replace(UNSEEN, '')
}

function cleaned(name: string): string {
  return oneWord(name)
    .normalize('NFKC')
    .replace(NOT_WORDS, sign => (/[:,@]/.test(skeletonOf(sign)) ? ',' : sign))
    .replace(/[,\s]+/g, '-')
    .replace(TOO_MANY_MARKS, '$1')
    .replace(/^[-\p{M}]+|(?<!-)-+$/gu, '')
}

/** U+2800 is an empty pattern of Braille dots. */
const BLANKS = /[\t-\r\u0085\p{Z}\u2800]+/gu

/**
 * Control characters, marks of direction, private and unassigned code points, halves of characters; whatever Unicode says
 * is to be ignored where it is not supported (zero-width joiners and spaces, fillers, tags, variation selectors); signs
 * that stand for what could not be shown.
 */
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}\ufffc\ufffd]/gu

/** No script puts more on one letter; a heap of them covers the lines above and below. */
const TOO_MANY_MARKS = /(\p{M}{4})\p{M}+/gu

const NOT_WORDS = /[^\p{M}\p{N}A-Za-z_-]/gu

/** `ses_…` and `swb_…`, and what looks so, are ids and credentials. */
function withoutIdPrefix(name: string): string {
  const [first = '', second = '', third = '', fourth = '', ...rest] = name
  const look = skeletonOf(first + second + third + fourth)
  return ID_LOOKS.includes(look) ? `${first}${second}${third}-${rest.join('')}` : name
}

const ID_LOOKS = ['ses_', 'swb_'].map(skeletonOf)

let reserved: ReadonlySet<string> | undefined

function reservedLooks(): ReadonlySet<string> {
  reserved ??= new Set(RESERVED.map(wordLook))
  return reserved
}

/** What it looks like at a glance: without signs around it, and with digits for the letters that people write with them. */
function wordLook(name: string): string {
  return skeletonOf(name.replace(/[34578$!]/g, sign => WRITTEN_FOR[sign] ?? sign)).replace(
    /^[^\p{L}\p{N}]+|(?<![^\p{L}\p{N}])[^\p{L}\p{N}]+$/gu,
    '',
  )
}

const WRITTEN_FOR: Readonly<Record<string, string>> = { 3: 'e', 4: 'a', 5: 's', 7: 't', 8: 'b', $: 's', '!': 'i' }

/** The wanted name, or the first of `name-2`, `name-3` … that is free. */
export function firstFree(wanted: string, isFree: (name: string) => boolean): string {
  if (isFree(wanted)) return wanted
  for (let n = 2; ; n++) {
    const candidate = `${wanted}-${n}`
    if (isFree(candidate)) return candidate
  }
}

/**
 * The name that a session gets from its client, where that has changed since the client last told it. So a name that the
 * session takes on the bus afterwards stays, also where its client starts anew and tells the same again.
 */
export function nameByTitle(
  before: { readonly title?: string } | undefined,
  { title }: { readonly title?: string | undefined },
): string | undefined {
  if (title === undefined || title === before?.title || plainName(title) === '') return undefined
  return cleanName(title)
}

/** What a session is called that says nothing: its branch says what it works on, its folder where. */
export function defaultName(facts: { branch?: string; worktree?: string; cwd?: string; repo?: string }): string {
  const folder = (facts.worktree ?? facts.cwd ?? '').split(/[\\/]/).filter(Boolean).at(-1)
  const isTrunk = facts.branch === undefined || ['main', 'master', 'trunk', 'HEAD'].includes(facts.branch)
  return isTrunk ? (folder ?? facts.branch ?? NAMELESS) : facts.branch!
}
