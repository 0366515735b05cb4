#!/usr/bin/env bash
# Runs one of the grader's commands and shows what it says in the job's summary. Its exit code is the command's.
set -uo pipefail
summary=${GITHUB_STEP_SUMMARY:-/dev/stdout}
said=$(mktemp)
trap 'rm -f "$said"' EXIT
export NO_COLOR=1 COLUMNS=120
case "${COMMAND:-selfcheck}" in
    selfcheck) python -m grader selfcheck --course "${FOLDER:-.}" ${HOMEWORK:+"$HOMEWORK"} ${SEED:+--seed "$SEED"} 2>&1 | tee "$said" ;;
    check)
        if [ -z "${HOMEWORK:-}" ]; then echo "::error::check needs the homework's name: with: homework: hw1_conv" >&2; exit 2; fi
        python -m grader check "$HOMEWORK" "${FOLDER:-.}" 2>&1 | tee "$said" ;;
    *) echo "::error::unknown command ${COMMAND}: selfcheck or check" >&2; exit 2 ;;
esac
code=${PIPESTATUS[0]}
# What a student's code prints is text: no fence of its own ends the block, no control character reaches the page.
{
    printf '### grader %s %s\n\n' "${COMMAND:-selfcheck}" "${HOMEWORK:-}"
    sed -e 's/^/    /' "$said" | tr -d '\000-\010\013-\037' | head -c 500000
    printf '\n'
} >> "$summary"
exit "$code"
