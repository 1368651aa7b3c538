# Completion of `uppsikt` for bash, printed by `uppsikt --completion`; a test compares.
_uppsikt() {
    local word=${COMP_WORDS[COMP_CWORD]} words options everyone=" --data --run --keys --peer --as --wait --json --help"
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "up status doctor tail import matter action hold-actions account person absence policy request archive feed evidence hold dispose park verify keys backup restore replay report partition clock classify rules" -- "$word"))
        return
    fi
    case ${COMP_WORDS[1]} in
    up)
        words=""
        options=" --config --speed"
        ;;
    status)
        words=""
        options=" --ready"
        ;;
    doctor)
        words=""
        options=""
        ;;
    tail)
        words=""
        options=" --from --idle --n --type --content"
        ;;
    import)
        words=""
        options=" --account --import --register --relative"
        ;;
    matter)
        words="list show decide approve answered claim ack hand-over accept return drafts snooze confirm done review appeal try diary number seen mark"
        options=" --account --kind --all --content --reason --law --row --version --note --alone --also --no --link --token --ask --text --until --alike --disagree --author --received --change --again --question --not-question --label --target"
        ;;
    action)
        words="list attest"
        options=""
        ;;
    hold-actions)
        words="on off list"
        options=""
        ;;
    account)
        words="list show add take-over state change review access attest grant revoke connect connections findings unit authority load"
        options=" --id --platform --unit --handle --url --name --purpose --goals --plan --consulted-by --consulted --decided-by --decided --decision --vault --watch --logo --sender --captions --alt-text --account --rank --connector --external --expires --poll --token-file --secret-file --authority --parent --manager --head --communications --mail --org-number"
        ;;
    person)
        words="list add roles leave handover password directory confirm"
        options=" --person --id --unit --role --first-name --last-name --title --mail --phone --at --done --not-needed --undo --successor --by --note --confirm --name --file --off"
        ;;
    absence)
        words="list set cancel"
        options=" --person --id --from --to --substitute"
        ;;
    policy)
        words="show list check diff adopt as-body row"
        options=" --authority --version --decision --valid-from --process --kind --covers --action --months --mandate"
        ;;
    request)
        words="make"
        options=" --account --from --to --search --item"
        ;;
    archive)
        words="run list show check export hand-in"
        options=" --campaign --follow --account --schemas --source --browser --note --taken"
        ;;
    feed)
        words="add list remove replay key"
        options=" --type --webhook --after"
        ;;
    evidence)
        words="list show export"
        options=" --item --account"
        ;;
    hold)
        words="place release list"
        options=" --matter --account --reason --review --all"
        ;;
    dispose)
        words="propose approve list show"
        options=" --row --law --items --account --before --dry-run --list --clock-is-right --certificate"
        ;;
    park)
        words="list again lines"
        options=""
        ;;
    verify)
        words=""
        options=" --stores --key --tsa-ca --key-file"
        ;;
    keys)
        words="init list hand-out rotate retire backup revoke"
        options=" --within"
        ;;
    backup)
        words=""
        options=" --to --plain --with-keys --keep"
        ;;
    restore)
        words=""
        options=" --yes --key-file --open --ledger --damaged --keep-old"
        ;;
    replay)
        words="cuts accept"
        options=""
        ;;
    report)
        words="person"
        options=" --from --to --account --author --platform --item --content"
        ;;
    partition)
        words="list account split"
        options=" --yes"
        ;;
    clock)
        words=""
        options=""
        ;;
    classify)
        words=""
        options=""
        ;;
    rules)
        words="replay adopt decided"
        options=" --on"
        ;;
    esac
    case $word in
    -*) COMPREPLY=($(compgen -W "$options$everyone" -- "$word")) ;;
    *) [ "$COMP_CWORD" -eq 2 ] && COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    esac
}
complete -o default -F _uppsikt uppsikt
