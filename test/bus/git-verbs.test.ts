import { expect, it } from 'vitest'
import { sharedGitVerbs } from '../../src/bus/git-verbs.ts'

it.each([
  ['git checkout main', ['git checkout']],
  ['git switch -c feature', ['git switch']],
  ['cd api && git stash && npm test', ['git stash']],
  ['git -C ../api -c user.name=x reset --hard HEAD~1', ['git reset']],
  ['sudo env A=1 /usr/bin/git rebase main', ['git rebase']],
  ['A=1 git clean -fdx; git pull', ['git clean', 'git pull']],
  ['git add -A && git commit -am "x"', ['git add -A', 'git commit -a']],
  ['git add .', ['git add .']],
  ['(git restore .)', ['git restore']],
  ['if true; then git merge x; fi', ['git merge']],
  ['ls\ngit cherry-pick abc', ['git cherry-pick']],
  ['git status', []],
  ['git add src/a.ts', []],
  ['git commit -m "reset and checkout"', []],
  ['git commit -m a', []],
  ['git stash list', []],
  ['git log --oneline | grep checkout', []],
  ['echo "git checkout main"', []],
  ['grep -r "git reset" .', []],
  ['git diff > stash', []],
  ['', []],
  ['git', []],
  ['echo "unclosed', []],
])('%j moves shared ground by %j', (line, verbs) => {
  expect(sharedGitVerbs(line)).toEqual(verbs)
})
