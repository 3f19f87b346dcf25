#!/bin/sh
# Masks a name in a file by the redact service, with curl (7.84 or later) alone:
#
#   client.sh URL FILE NAME [OUT]
#
# A key is taken from REDACT_API_KEY; REDACT_WAIT is how many seconds an answer may be held back. OUT is "masked" where it is not given, and is never overwritten. Exits as "redact mask"
# does: 0 saved, 3 a person must look, 4 the file was rejected, 1 the service failed.
set -eu

[ $# -ge 3 ] || { echo "usage: $0 URL FILE NAME [OUT]" >&2; exit 2; }
url=${1%/} file=$2 name=$3 out=${4:-masked}
[ -r "$file" ] || { echo "$file cannot be read" >&2; exit 2; }
[ ! -e "$out" ] || { echo "$out is there already" >&2; exit 2; }

umask 077
work=$(mktemp -d "${TMPDIR:-/tmp}/redact-client.XXXXXX")
trap 'rm -rf "$work"' EXIT
# In a file, since the list of processes shows arguments. The same Idempotency-Key whenever it is sent again, so that an answer
# that was lost does not make a second document.
{
    printf '%s\n' silent "output = \"$work/body\"" 'write-out = "%{http_code} %header{retry-after}\n%header{location}\n"'
    [ -z "${REDACT_API_KEY:-}" ] || printf '%s\n' "header = \"X-API-Key: $REDACT_API_KEY\""
} > "$work/curlrc"
id=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
# What the file is called may hold the name; only its content counts.
cp "$file" "$work/upload"

# Sends it until there is an answer that does not ask to come again. Sets code and location.
ask() {
    tries=0
    while :; do
        said=$("$@") || said="000 1"
        code=${said%% *} pause=$(printf '%s\n' "$said" | sed -n '1s/^[0-9]* *//p') location=$(printf '%s\n' "$said" | sed -n 2p)
        case $code in
            000 | 429) ;;
            # 503 worker_lost and deadline_exceeded are final.
            503) ! grep -Eq '"code": ?"(worker_lost|deadline_exceeded)"' "$work/body" || return 0 ;;
            202) tries=0 ;;
            *) return 0 ;;
        esac
        tries=$((tries + 1))
        [ $tries -le 30 ] || return 0
        [ "$code" != 202 ] || [ "$1" != upload ] || return 0
        sleep "${pause:-1}"
    done
}

upload() {
    printf %s "$name" | curl --config "$work/curlrc" -H "Idempotency-Key: $id" \
        -F "file=@$work/upload" -F 'name=<-' "$url/v1/documents?wait=${REDACT_WAIT:-30}"
}

get() {
    curl --config "$work/curlrc" "$url$1"
}

# Ends it with what the service says about itself.
fail() {
    [ ! -s "$work/body" ] || { cat "$work/body"; echo; } >&2
    exit "$1"
}

ask upload
document=$location
[ "$code" != 202 ] || ask get "$document"
case $code in
    200 | 201) ;;
    413 | 422) fail 4 ;;
    *) fail 1 ;;
esac
! grep -Eq '"status": ?"failed"' "$work/body" || fail 1
! grep -Eq '"status": ?"rejected"' "$work/body" || fail 4

ask get "$document/file"
case $code in
    200) ;;
    409)
        # needs_review: the file is a proposal.
        grep -Eq '"code": ?"needs_review"' "$work/body" || fail 1
        echo "$url/#/d/${document##*/}" >&2
        exit 3
        ;;
    *) fail 1 ;;
esac
# Never over another file, though it came meanwhile.
ln "$work/body" "$out" 2>/dev/null || (set -C; cat "$work/body" > "$out")
