# The README's model of one's own: its plan needs no unit; its run needs one, and says where to describe
# it; the simulated benches have its controls, and the record knows them when it is judged again.
config=$HOME/.config/longpress
mkdir -p "$config/profiles" "$config/firmware"
block() { # FILE FIRST: the yaml block that begins so
    awk -v first="$2" '$0 == first { on = 1 } /^```$/ { on = 0 } on' "$1"
}
block README.md 'model: X-1' >"$config/profiles/x-1.yaml"
longpress run X-1 --plan --bench sim
longpress settle X-1 --plan --bench sim
longpress run X-1 --bench sim
longpress batch X-1 --bench sim4 --serials - <<<1
longpress run X-1 --plan --bench sim:nowhere
block hardware/sim/firmware/README.md 'firmware: X-1' >"$config/firmware/x-1.yaml"
longpress run X-1 --bench sim | tail -n 10
longpress judge 1 | sed -n 3,4p
longpress batch X-1 --bench sim4 --serials - <<<1 | sed 's/^[A-D] /- /'
# A unit beside it, by its name; a file of the user's comes before ours.
printf '%s\n' 'firmware: X-1 that does nothing' 'base: x-1.yaml' 'actions: { reset: { led: [{ light: red, for: 1 s }] } }' \
    >"$config/firmware/x-1-dull.yaml"
longpress run X-1 --bench sim:x-1-dull | tail -n 2
sed 's/^firmware:.*/firmware: ours, but not quite/' hardware/sim/firmware/wh-1000xm5.yaml >"$config/firmware/wh-1000xm5.yaml"
longpress run WH-1000XM5 --bench sim --journal none 2>/dev/null | sed -n 2p
