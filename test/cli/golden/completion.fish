# fish completion of prescale: put it as prescale.fish into a folder of $fish_complete_path, or source it
function __prescale_words
    set -l value no
    for word in (commandline -opc)[2..-1]
        if test $value = yes
            set value no
            continue
        end
        switch $word
            case --override --out -o --project
                set value yes
            case '-*'
            case '*'
                echo $word
        end
    end
end
function __prescale_in --argument-names command
    set -l words (__prescale_words)
    test "$words[1]" = "$command"
end
function __prescale_at --argument-names position command
    set -l words (__prescale_words)
    test (count $words) -eq $position; and test "$words[1]" = "$command"
end
complete -c prescale -f
complete -c prescale -n '__prescale_at 0' -a apply -d 'apply one stack'\''s plan'
complete -c prescale -n '__prescale_at 1 apply' -x -a '(prescale __complete stack 2>/dev/null)'
complete -c prescale -n '__prescale_in apply' -l override -x -a 'budget floor' -d 'let [one] guard pass: once'
complete -c prescale -n '__prescale_in apply' -l out -s o -r -F -d 'write there'
complete -c prescale -n '__prescale_at 0' -a sandbox -d 'play'
complete -c prescale -n '__prescale_at 1 sandbox' -x -a 'advance status'
complete -c prescale -n '__prescale_at 2 sandbox' -x -a '(prescale __complete pool 2>/dev/null)'
complete -c prescale -n '__prescale_at 0' -a status -d 'what is'
complete -c prescale -l json -d 'print JSON'
complete -c prescale -l project -x -a '(__fish_complete_directories)' -d 'where'
