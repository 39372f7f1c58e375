# nginx's error log knows no format. Here each line of it becomes a JSON object like those of the daemons, without
# anything that a client sent. In a line about a connection (*7) that stands in quotes, or behind `, client:`; at the
# level debug it may stand in quotes in any. The hold space has the time of the line before, and `*` while there was none.

# JSON takes all of this as it is, but for quotes and backslashes.
s/[^ -~]/?/g
t all_printable
: all_printable
s/^(....)\/(..)\/(..) (..:..:..) \[([a-z]+)\] [0-9]+#[0-9]+: /\1-\2-\3T\4Z \5 /
t own

# Not nginx's own line: before its first one what keeps it from starting, later the rest of a text with line breaks.
s/["\\]/\\&/g
G
/\*$/!s/^[^\n]*/the rest of a line with line breaks in it is not shown/
s/^([^\n]*)\n([^ ]*).*/{"time":"\2","level":"error","daemon":"nginx","message":"\1"}/p
d

: own
h
x
s/ .*//
x
/^[^ ]+ (debug |[a-z]+ \*)/ {
  s/"[^"]*" (failed \([0-9]+: [A-Za-z -]+\)).*/\1/
  s/".*//
  s/, client: .*//
}
s/[ ,:]*$//
s/["\\]/\\&/g
s/^([^ ]+) notice /\1 info /
s/^([^ ]+) (crit|alert|emerg) /\1 error /
s/^([^ ]+) ([a-z]+) \*([0-9]+) ?(.*)/{"time":"\1","level":"\2","daemon":"nginx","message":"\4","connection":\3}/
s/^([^{ ]+) ([a-z]+) ?(.*)/{"time":"\1","level":"\2","daemon":"nginx","message":"\3"}/
p
