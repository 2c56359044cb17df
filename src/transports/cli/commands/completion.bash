# bash completion for switchboard and swb. It needs nothing but bash itself, 3.2 or newer, and may be read twice.

__switchboard_complete() {
    local line=${COMP_LINE:0:COMP_POINT} words=() own= cur= i last=-1
    # bash cuts words at = and : too; what stands together on the line is one word.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        own=${COMP_WORDS[i]}
        if ((last < 0)) || [[ $line == [[:space:]]* ]]; then
            line=${line#"${line%%[![:space:]]*}"}
            words[++last]=
        fi
        # The rest of a word that the cursor stands in does not count.
        ((i < COMP_CWORD)) || own=$line
        words[last]+=$own
        line=${line#"$own"}
    done
    cur=${words[last]}
    # What bash itself takes for the word: only that much is replaced by an answer.
    [[ $own == [=:]* ]] && own=
    local before=${cur%"$own"} quote=
    [[ $own == [\"\']* ]] && quote=${own:0:1}

    # Asked as typed, without quotes and without evaluation: pressing a key must not run what stands in the line.
    for ((i = 1; i <= last; i++)); do
        words[i]=${words[i]#[\"\']}
        words[i]=${words[i]%[\"\']}
    done
    local program=${COMP_WORDS[0]}
    type -P "$program" > /dev/null || program=switchboard
    local answer value
    answer=$("$program" complete -- "${words[@]:1}" 2> /dev/null) || return

    COMPREPLY=()
    # The last line is for other shells.
    while IFS= read -r value; do
        value=${value%%$'\t'*}
        value=${value#"$before"}
        [[ -z $value ]] && continue
        [[ -z $quote && $value == *[!A-Za-z0-9_.,:/@%+=-]* ]] && printf -v value %q "$value"
        COMPREPLY+=("$value")
    done <<< "${answer%:*}"
}

complete -F __switchboard_complete switchboard swb
