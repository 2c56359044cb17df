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
  expect(sharedGitVerbs(line).map(({ verb }) => verb)).toEqual(verbs)
})

it.each([
  ['git checkout x', '/w/one/src'],
  ['git -C /w/two checkout x', '/w/two'],
  ['git -C ../../two checkout x', '/w/two'],
  ['git -C /w -C two -c a=b stash', '/w/two'],
  ['git --work-tree=/w/two checkout x', '/w/two'],
  ['git --work-tree two -C /w checkout x', '/w/two'],
  ['git --git-dir /w/two/.git checkout x', '/w/two'],
  ['GIT_WORK_TREE=/w/two git reset --hard', '/w/two'],
  ['cd /w/two && git reset --hard', '/w/two'],
  ['cd /w; cd two/ && ls; git pull', '/w/two'],
  ['cd -P -- /w/two 2>/dev/null && git pull', '/w/two'],
  ['if cd /w/two; then git pull; fi', '/w/two'],
  ['cd /w/two\n\ngit pull', '/w/two'],
  ['cd /w/two && \\\ngit pull', '/w/two'],
  ['cd "/w/my two" && git pull', '/w/my two'],
  ['cd .. && cd - && git pull', '/w/one/src'],
  ['(cd /w/two && npm test); git pull', '/w/one/src'],
  ['(cd /w/two && git pull)', '/w/two'],
  ['pushd /w/two >/dev/null && git pull', '/w/two'],
  ['pushd /w/two; popd; git pull', '/w/one/src'],
  ['cd && git pull', '/home/me'],
  ['cd ~/two && git pull', '/home/me/two'],
  ['git -C "$HOME/two" pull', '/home/me/two'],
  ['X=$(cd /w/two && git log) git pull', '/w/one/src'],
  // Only the shell could tell.
  ['cd $X && git pull', undefined],
  ['cd $X && cd sub && git pull', undefined],
  ['cd $X && cd /w/two && git pull', '/w/two'],
  ['cd "$(git rev-parse --show-toplevel)" && git pull', undefined],
  ['cd $(pwd)/x && git pull', undefined],
  ['git -C $(pwd)/x pull', undefined],
  ['git -C `pwd` pull', undefined],
  ['cd ~other && git pull', undefined],
  ['cd t* && git pull', undefined],
  ['pushd && git pull', undefined],
  ['popd && git pull', undefined],
])('%j acts in %j', (line, folder) => {
  const found = sharedGitVerbs(line, { cwd: '/w/one/src', home: '/home/me' })
  expect(found.map(each => each.folder)).toEqual([folder])
})
