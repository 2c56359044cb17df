/**
 * What people are told of fields that need no description for a model, which pays for each word: by its name, or by
 * operation and name where it means another thing there.
 */
export function wordsFor(operation: string, field: string): string {
  return WORDS[`${operation}.${field}`] ?? WORDS[field] ?? ''
}

const WORDS: Readonly<Record<string, string>> = {
  activity: 'what the session is doing',
  after: 'only events after this id, oldest first',
  before: 'only events before this id',
  data: 'facts for programs, beside the text',
  dry_run: 'only say what would be forgotten',
  event_id: 'the number behind the #',
  expected_version: 'refuse where the entry has another version; 0: it must be new',
  facts: 'surroundings, filled in by programs',
  forget_ended_days: 'first forget sessions that ended so long ago, with their mail',
  from: 'only from this session',
  include_gone: 'also those that have ended',
  keep_newest: 'forget all but so many',
  key: 'the name of the entry',
  level: 'how much it matters; default info',
  limit: 'at most so many',
  min_level: 'only of this level and above',
  mode: 'overwrite (default), or append to a list or text',
  name: 'the name of the token',
  'set_state.note': 'why it was written',
  older_than_days: 'forget what is older',
  order: 'oldest or newest first',
  path: 'a path or glob, e.g. src/api/**',
  peek: 'only look: nothing is marked as read',
  prefix: 'only keys that begin so',
  reply_to: 'the message that this answers',
  'list_claims.repo': 'only in this repo, by its name or a part of it',
  'release.repo': 'the repo that the path lies in, as `claims` shows it',
  rewind: 'make what follows unread again',
  scopes: 'what it may do; default read, publish',
  'narrow_token.scopes': 'all that it may still do',
  session: 'its name, codename or id',
  summary: 'one line on what it works on',
  tags: 'words to find it by',
  text: 'what to say',
  thread: 'the conversation that it belongs to',
  'get_events.thread': 'only of this conversation',
  title: 'a line above the text',
  token: 'the fencing token that the claim gave',
  topics: 'topics to follow; others write to topic:NAME',
  types: 'only of these types',
  up_to: 'the last event that was read',
  value: 'what to store',
  version: 'an earlier one',
  wait_seconds: 'wait so long for mail to come',
}
