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
    [[ $own == [\"\']* ]] && quote=${own:0:1} own=${own:1}
    # Nothing is offered within a word that has quotes or escapes of its own: what they mean, only the shell can tell.
    case $quote in
        \') [[ $before == *[\"\'\\\$\`]* || $own == *\'* ]] && return ;;
        \") [[ $before == *[\"\'\\\$\`]* || $own == *[\"\\\$\`]* ]] && return ;;
        *) [[ $cur == *[\"\'\\\$\`]* ]] && return ;;
    esac
    words[last]=$before$own

    # Asked as typed, without quotes and without evaluation: pressing a key must not run what stands in the line.
    for ((i = 1; i < last; i++)); do
        words[i]=${words[i]#[\"\']}
        words[i]=${words[i]%[\"\']}
    done
    local program=${COMP_WORDS[0]}
    type -P "$program" > /dev/null || program=switchboard
    local answer value
    answer=$("$program" complete -- "${words[@]:1}" 2> /dev/null) || return

    COMPREPLY=()
    while IFS= read -r value; do
        # The last line is for other shells.
        [[ $value == *$'\t'* ]] || continue
        value=${value%%$'\t'*}
        value=${value#"$before"}
        [[ -z $value ]] && continue
        case $quote in
            \') value=${value//\'/\'\\\'\'} ;;
            \")
                # bash looks for ! in double quotes too, and nothing there keeps it from that.
                [[ $value == *!* ]] && continue
                value=${value//\\/\\\\}
                value=${value//\"/\\\"}
                value=${value//\$/\\\$}
                value=${value//\`/\\\`}
                ;;
            *) [[ $value == *[!A-Za-z0-9_.,:/@%+=-]* ]] && printf -v value %q "$value" ;;
        esac
        # bash closes the quote, unless the answer seems to have done that.
        [[ -n $quote && $value == *"$quote" ]] && value+=$quote
        COMPREPLY+=("$value")
    done <<< "$answer"
}

complete -F __switchboard_complete switchboard swb
